import { crc32 } from 'node:zlib';
import { FlotillaError, type GroupId, type SnapshotInfo } from '@flotilla/core';

/** The format of the files. Others are refused: nobody guesses what they mean. */
const format = 1;

/** What is written beside a snapshot's bytes, and says that they are all there. */
export interface SnapshotManifest {
  readonly cluster: string;
  readonly group: GroupId;
  readonly info: SnapshotInfo;
  /** The bytes of each chunk but the last. */
  readonly chunkBytes: number;
  /** The CRC-32 of each chunk. */
  readonly checksums: readonly number[];
}

/** The manifest behind a checksum of its own, as one line of JSON. */
export function manifestText(manifest: SnapshotManifest): string {
  const text = JSON.stringify({ format, ...manifest });
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/** Null where the text is damaged. Throws `snapshot_format_unknown` where another program wrote it. */
export function parseManifest(text: string, path: string): SnapshotManifest | null {
  const json = text.slice(9, -1);
  if (!text.endsWith('\n') || text[8] !== ' ' || Number.parseInt(text.slice(0, 8), 16) !== crc32(json)) return null;
  const { format: written, ...manifest } = JSON.parse(json) as SnapshotManifest & { readonly format: number };
  if (written === format) return manifest;
  throw new FlotillaError(
    'snapshot_format_unknown',
    `${path} is of format ${written}, and this program knows format ${format}`,
    'Start this member with the program that wrote it; or remove the member and add it afresh.',
  );
}
