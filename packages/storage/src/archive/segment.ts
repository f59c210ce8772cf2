import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Entry, EntryKind, GroupId, Index } from '@flotilla/core';
import { decodeValue, encodeValue } from '@flotilla/state-machine';
import type { ArchivedKind } from '../archive.ts';
import type { JournalRecord } from '../state-store.ts';

/*
 * A segment is a file: one line of JSON, its header, and behind it the items, as MessagePack, compressed by gzip. So that a person can
 * see what it is (head -1), and any tool can read it (tail +2 | gunzip).
 */

export const segmentFormat = 1;

/** What is in a segment, which its name says too. */
export interface SegmentSpan {
  readonly kind: ArchivedKind;
  readonly group: GroupId;
  /** Both included. */
  readonly from: Index;
  readonly to: Index;
}

interface SegmentHeader extends SegmentSpan {
  readonly format: number;
  /** How many items there are. */
  readonly count: number;
  /** Of the compressed items, hexadecimal. */
  readonly sha256: string;
}

/** What a segment holds: entries or journal records, as lists of their fields. */
type Row = readonly unknown[];

const newline = 0x0a;
const compress = promisify(gzip);
const decompress = promisify(gunzip);

export function rowOfEntry({ index, term, time, kind, payload }: Entry): Row {
  return [index, term, time, kind, payload];
}

export function entryOfRow(row: Row): Entry {
  const [index, term, time, kind, payload] = row as [Index, number, number, EntryKind, Uint8Array];
  return { index, term, time, kind, payload };
}

export function rowOfRecord({ index, term, time, events }: JournalRecord): Row {
  return [index, term, time, events];
}

export function recordOfRow(row: Row): JournalRecord {
  const [index, term, time, events] = row as [Index, number, number, Uint8Array];
  return { index, term, time, events };
}

export async function encodeSegment(span: SegmentSpan, rows: readonly Row[]): Promise<Uint8Array> {
  const body = await compress(encodeValue(rows));
  const { kind, group, from, to } = span;
  const header: SegmentHeader = { format: segmentFormat, kind, group, from, to, count: rows.length, sha256: sha256Of(body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/** The rows of a segment; a text that says what is wrong where the file is not the segment of that span. */
export async function decodeSegment(span: SegmentSpan, bytes: Uint8Array): Promise<readonly Row[] | string> {
  const header = headerOf(bytes);
  if (header === null) return 'it does not begin with a header';
  if (header.format !== segmentFormat) return `it has format ${String(header.format)}, this version knows ${segmentFormat}`;
  const isThis = header.kind === span.kind && header.group === span.group && header.from === span.from && header.to === span.to;
  if (!isThis) return `its header is that of ${String(header.kind)} ${String(header.from)} to ${String(header.to)}`;
  const body = bytes.subarray(bytes.indexOf(newline) + 1);
  if (sha256Of(body) !== header.sha256) return 'its checksum does not fit';
  const rows = decodeValue(await decompress(body)) as readonly Row[];
  return rows.length === header.count ? rows : `it has ${rows.length} items instead of ${String(header.count)}`;
}

function headerOf(bytes: Uint8Array): Partial<SegmentHeader> | null {
  const end = bytes.indexOf(newline);
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString());
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
