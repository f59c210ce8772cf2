import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { snapshotDamaged } from '../snapshot-error.ts';
import { partBytesMax } from '../snapshot-store.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';

/**
 * Up to `bytesMax` bytes from `offset` on, of verified chunks. Rejects with `snapshot_damaged` where they are not what was written,
 * or the disk does not give them back.
 */
export async function readVerified(path: string, manifest: SnapshotManifest, offset: number, bytesMax: number): Promise<Uint8Array> {
  const { size } = manifest.info;
  const end = Math.min(size, offset + bytesMax);
  if (offset >= end) return new Uint8Array(0);
  const first = Math.floor(offset / manifest.chunkBytes);
  const begin = first * manifest.chunkBytes;
  const through = Math.min(size, Math.ceil(end / manifest.chunkBytes) * manifest.chunkBytes);
  const bytes = await withFile(path, manifest, (file) => readChunks(file, manifest, first, begin, through));
  return bytes.subarray(offset - begin, end - begin);
}

/** All bytes in parts, the last of them only where the whole is what the snapshot's name says. */
export async function* readAllVerified(path: string, manifest: SnapshotManifest): AsyncGenerator<Uint8Array, void, void> {
  const { size, id } = manifest.info;
  const hash = createHash('sha256');
  for (let offset = 0; offset < size; offset += partBytesMax) {
    const part = await readVerified(path, manifest, offset, partBytesMax);
    hash.update(part);
    if (offset + part.length === size && hash.digest('hex') !== id) throw damaged(manifest, 'its SHA-256 is not its name');
    yield part;
  }
}

async function readChunks(
  file: FileHandle,
  manifest: SnapshotManifest,
  first: number,
  begin: number,
  through: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(through - begin);
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, begin + read);
    if (bytesRead === 0) throw damaged(manifest, `its file ends at ${begin + read}, and should have ${manifest.info.size} bytes`);
    read += bytesRead;
  }
  for (let at = 0, chunk = first; at < bytes.length; at += manifest.chunkBytes, chunk++) {
    const checksum = crc32(bytes.subarray(at, at + manifest.chunkBytes));
    if (checksum !== manifest.checksums[chunk]) throw damaged(manifest, `the checksum of its bytes from ${begin + at} on does not hold`);
  }
  return bytes;
}

/** What a disk does not give back is as lost as what it gives back wrong. */
const lostCodes = new Set(['ENOENT', 'EIO']);

async function withFile<T>(path: string, manifest: SnapshotManifest, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    return await use(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code !== undefined && lostCodes.has(code) ? damaged(manifest, message) : error;
  } finally {
    await file?.close();
  }
}

function damaged({ group, info }: SnapshotManifest, what: string): Error {
  return snapshotDamaged(group, info.id, what);
}
