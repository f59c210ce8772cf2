import { encodeMembership, type SnapshotInfo } from '@flotilla/core';
import { readMembership } from './membership-reader.ts';
import { fieldBytes } from './message-codec.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

// Layout: identifier | integer index | integer term | integer time | integer size | u32 length | membership as its entry holds it
// An identifier: u32 length | 1 to 64 printable ASCII characters

const { u32, integer } = fieldBytes;
const snapshotIdCharactersMax = 64;

export function snapshotIdSize(id: string): number {
  return u32 + id.length;
}

export function writeSnapshotId(writer: WireWriter, id: string): void {
  writer.ascii(id, snapshotIdCharactersMax);
}

export function readSnapshotId(reader: WireReader): string {
  return reader.ascii(snapshotIdCharactersMax);
}

/** The bytes of what tells a snapshot apart. Beside a chunk of it, writing its few members twice costs nothing. */
export function snapshotInfoSize({ id, membership }: SnapshotInfo): number {
  return snapshotIdSize(id) + 4 * integer + u32 + encodeMembership(membership).length;
}

export function writeSnapshotInfo(writer: WireWriter, { id, index, term, time, size, membership }: SnapshotInfo): void {
  writeSnapshotId(writer, id);
  writer.integer(index);
  writer.integer(term);
  writer.integer(time);
  writer.integer(size);
  writer.sizedBytes(encodeMembership(membership));
}

export function readSnapshotInfo(reader: WireReader): SnapshotInfo {
  return {
    id: readSnapshotId(reader),
    index: reader.integer(),
    term: reader.integer(),
    time: reader.integer(),
    size: reader.integer(),
    membership: readMembership(reader),
  };
}
