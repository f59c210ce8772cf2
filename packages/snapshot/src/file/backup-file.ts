import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { FlotillaError, type GroupId, type SnapshotInfo } from '@flotilla/core';
import { unsyncedBytesMax } from './chunk-writer.ts';
import { syncDirectory } from './sync-directory.ts';

/*
 * A backup is one file: a line of text, and behind it the bytes of the state.
 *
 *   flotilla-backup 1 <crc32 of the manifest, 8 hexadecimal digits> <manifest as JSON>\n
 *   <snapshot.size bytes, whose SHA-256 is snapshot.id>
 */

/** What a backup is of. */
export interface BackupManifest {
  readonly app: string | null;
  /** The cluster that it was taken from. */
  readonly cluster: string;
  readonly group: GroupId;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly snapshot: SnapshotInfo;
}

/** A backup whose manifest has been read. */
export interface Backup {
  readonly manifest: BackupManifest;
  /** The state; fails with `backup_damaged` at the end at the latest where it is not what was written. May be read more than once. */
  parts(): AsyncIterable<Uint8Array>;
}

/** How far a long reading or writing has come. */
export type OnProgress = (bytes: number, of: number) => void;

const magic = 'flotilla-backup 1 ';
const checksumDigits = 8;
const headerBytesMax = 4 * 1024 * 1024;
const readBytes = 1024 * 1024;

/**
 * Writes a backup, reads it back from the disk, and only then gives it its name: a file of that name is a whole backup. Throws
 * `backup_exists` where there is one already, `backup_damaged` where the parts are not what the manifest says, `backup_failed` where the
 * disk does not take it.
 */
export async function writeBackup(
  file: string,
  manifest: BackupManifest,
  parts: AsyncIterable<Uint8Array>,
  onProgress: OnProgress = () => {},
): Promise<void> {
  if (await exists(file)) throw new FlotillaError('backup_exists', `${file} exists already`, 'Name another file, or move this one away.');
  const draft = `${file}.new`;
  try {
    await writeAll(draft, manifest, parts, onProgress);
    await verifyBackup(draft);
    await rename(draft, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof Error && 'syscall' in error ? failed(file, error) : error;
  }
}

/** Opens a backup and reads its manifest. Throws `backup_damaged` for a file that is none, or not all of one. */
export async function openBackup(file: string): Promise<Backup> {
  const handle = await openToRead(file);
  try {
    const { line, manifest } = await readHeader(file, handle);
    const { size } = await handle.stat();
    const expected = line.length + manifest.snapshot.size;
    if (size !== expected) throw damaged(file, `it has ${size} bytes instead of ${expected}`);
    return { manifest, parts: () => readState(file, line.length, manifest.snapshot) };
  } finally {
    await handle.close();
  }
}

/** Reads all of a backup and checks it. Throws `backup_damaged`. */
export async function verifyBackup(file: string, onProgress: OnProgress = () => {}): Promise<BackupManifest> {
  const { manifest, parts } = await openBackup(file);
  let bytes = 0;
  for await (const part of parts()) {
    bytes += part.length;
    onProgress(bytes, manifest.snapshot.size);
  }
  return manifest;
}

async function writeAll(file: string, manifest: BackupManifest, parts: AsyncIterable<Uint8Array>, onProgress: OnProgress): Promise<void> {
  const handle = await open(file, 'w');
  try {
    const text = Buffer.from(JSON.stringify(manifest));
    await writeFully(handle, Buffer.concat([Buffer.from(`${magic}${checksumOf(text)} `), text, Buffer.from('\n')]));
    let bytes = 0;
    let synced = 0;
    for await (const part of parts) {
      await writeFully(handle, part);
      bytes += part.length;
      onProgress(bytes, manifest.snapshot.size);
      if (bytes - synced < unsyncedBytesMax) continue;
      await handle.datasync();
      synced = bytes;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

async function readHeader(file: string, handle: FileHandle): Promise<{ readonly line: Buffer; readonly manifest: BackupManifest }> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < headerBytesMax; ) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, at);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    const end = chunk.indexOf('\n');
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end + 1));
    if (end >= 0) return parseHeader(file, Buffer.concat(chunks));
    at += bytesRead;
  }
  throw damaged(file, 'it does not begin as a backup does');
}

function parseHeader(file: string, line: Buffer) {
  const text = line.subarray(magic.length + checksumDigits + 1, -1);
  const checksum = line.subarray(magic.length, magic.length + checksumDigits).toString();
  if (!line.subarray(0, magic.length).equals(Buffer.from(magic))) throw damaged(file, 'it does not begin as a backup of this format does');
  if (checksum !== checksumOf(text)) throw damaged(file, 'the checksum of its manifest does not fit');
  return { line, manifest: JSON.parse(text.toString()) as BackupManifest };
}

async function* readState(file: string, start: number, { id, size }: SnapshotInfo): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256');
  const handle = await openToRead(file);
  try {
    for (let at = 0; at < size; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(readBytes), 0, Math.min(readBytes, size - at), start + at);
      if (bytesRead === 0) throw damaged(file, 'it ends too early');
      const part = buffer.subarray(0, bytesRead);
      hash.update(part);
      at += bytesRead;
      if (at === size && hash.copy().digest('hex') !== id) throw damaged(file, 'the checksum of the state does not fit');
      yield part;
    }
    if (size === 0 && hash.digest('hex') !== id) throw damaged(file, 'the checksum of the state does not fit');
  } finally {
    await handle.close();
  }
}

async function openToRead(file: string): Promise<FileHandle> {
  try {
    const handle = await open(file, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    throw unreadable(file, (error as Error).message, error);
  }
  throw unreadable(file, 'it is no file', undefined);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function checksumOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(checksumDigits, '0');
}

function damaged(file: string, what: string): FlotillaError {
  return new FlotillaError('backup_damaged', `${file} is no intact backup: ${what}`, 'Use another copy of it, or another backup.');
}

function unreadable(file: string, why: string, cause: unknown): FlotillaError {
  return new FlotillaError('backup_unreadable', `${file} cannot be read: ${why}`, 'Name a backup that this user may read.', { cause });
}

/** Only of errors that a system call gave: what a source of the parts throws is not about the file. */
function failed(file: string, cause: Error): FlotillaError {
  const hint = 'Name a file in a directory that exists, that this user may write to, and that has room for the whole state.';
  return new FlotillaError('backup_failed', `${file} cannot be written: ${cause.message}`, hint, { cause });
}
