import { encodeMembership, type SnapshotInfo } from '@flotilla/core';
import { readMembership } from './membership-reader.ts';
import { fieldBytes } from './message-codec.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

// Layout: identifier | integer index | integer term | integer time | integer size | u32 length | membership as its entry holds it
//         | u32 length | name of the machine in UTF-8 | integer version of the machine
// An identifier: u32 length | 1 to 64 printable ASCII characters

const { u32, integer } = fieldBytes;
const snapshotIdCharactersMax = 64;
const utf8 = new TextEncoder();

export function snapshotIdSize(id: string): number {
  return u32 + id.length;
}

export function writeSnapshotId(writer: WireWriter, id: string): void {
  writer.ascii(id, snapshotIdCharactersMax);
}

export function readSnapshotId(reader: WireReader): string {
  return reader.ascii(snapshotIdCharactersMax);
}

/** The bytes of what tells a snapshot apart. Beside a chunk of it, encoding its few members twice costs nothing. */
export function snapshotInfoSize({ id, membership, machine }: SnapshotInfo): number {
  return snapshotIdSize(id) + 5 * integer + 2 * u32 + encodeMembership(membership).length + utf8.encode(machine.name).length;
}

export function writeSnapshotInfo(writer: WireWriter, { id, index, term, time, size, membership, machine }: SnapshotInfo): void {
  writeSnapshotId(writer, id);
  writer.integer(index);
  writer.integer(term);
  writer.integer(time);
  writer.integer(size);
  writer.sizedBytes(encodeMembership(membership));
  writer.sizedBytes(utf8.encode(machine.name));
  writer.integer(machine.version);
}

export function readSnapshotInfo(reader: WireReader): SnapshotInfo {
  return {
    id: readSnapshotId(reader),
    index: reader.integer(),
    term: reader.integer(),
    time: reader.integer(),
    size: reader.integer(),
    membership: readMembership(reader),
    machine: { name: reader.text(), version: reader.integer() },
  };
}
