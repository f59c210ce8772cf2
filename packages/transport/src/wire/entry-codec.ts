import type { Entry, EntryKind, Index } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

// Layout: integer index | integer term | integer time | u8 kind | u32 payload length | payload

/** The bytes of an entry without its payload. */
const entryBytesMin = 8 + 8 + 8 + 1 + 4;

const codes = { command: 1, 'no-op': 2, membership: 3 } as const satisfies Record<EntryKind, number>;
const kinds = new Map<number, EntryKind>((Object.keys(codes) as EntryKind[]).map((kind) => [codes[kind], kind]));

export function entrySize(entry: Entry): number {
  return entryBytesMin + entry.payload.length;
}

export function writeEntry(writer: WireWriter, entry: Entry): void {
  writer.integer(entry.index);
  writer.integer(entry.term);
  writer.integer(entry.time);
  writer.u8(codes[entry.kind]);
  writer.sizedBytes(entry.payload);
}

/** Entries that follow each other from the one behind `prevIndex`, after their number: a log takes no others. */
export function readEntriesAfter(reader: WireReader, prevIndex: Index): Entry[] {
  const count = reader.count(entryBytesMin);
  const entries: Entry[] = [];
  for (let index = prevIndex + 1; index <= prevIndex + count; index++) {
    const entry = readEntry(reader);
    if (entry.index !== index) throw protocolError(`entry ${entry.index} stands where entry ${index} should`);
    entries.push(entry);
  }
  return entries;
}

function readEntry(reader: WireReader): Entry {
  return {
    index: reader.integer(),
    term: reader.integer(),
    time: reader.integer(),
    kind: readKind(reader.u8()),
    payload: reader.sizedBytes(),
  };
}

function readKind(code: number): EntryKind {
  const kind = kinds.get(code);
  if (kind === undefined) throw protocolError(`there is no entry kind ${code}`);
  return kind;
}
