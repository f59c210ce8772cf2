import type { Message, ProposalPosition } from '@flotilla/core';
import { entryBytesMin, entrySize, readEntry, writeEntry } from './entry-codec.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** How one kind of message travels: its code, and its fields in the order in which they are written. */
export interface MessageCodec<M extends Message> {
  /** Stable: a code that was once given away is never given to another kind. */
  readonly code: number;
  /** The bytes that `write` is going to write. */
  size(message: M): number;
  write(writer: WireWriter, message: M): void;
  read(reader: WireReader): M;
}

export type MessageKind = Message['kind'];

type MessageCodecs = { readonly [K in MessageKind]: MessageCodec<Extract<Message, { kind: K }>> };

const u32 = 4;
const boolean = 1;
const integer = 8;

/** Every kind of message. A new kind does not compile until it has its line here. */
export const messageCodecs: MessageCodecs = {
  'request-vote': {
    code: 1,
    size: () => 3 * integer,
    write(writer, { term, lastIndex, lastTerm }) {
      writer.integer(term);
      writer.integer(lastIndex);
      writer.integer(lastTerm);
    },
    read: (reader) => ({ kind: 'request-vote', term: reader.integer(), lastIndex: reader.integer(), lastTerm: reader.integer() }),
  },
  'vote-reply': {
    code: 2,
    size: () => integer + boolean,
    write(writer, { term, granted }) {
      writer.integer(term);
      writer.boolean(granted);
    },
    read: (reader) => ({ kind: 'vote-reply', term: reader.integer(), granted: reader.boolean() }),
  },
  append: {
    code: 3,
    size({ entries }) {
      let size = 4 * integer + u32;
      for (const entry of entries) size += entrySize(entry);
      return size;
    },
    write(writer, { term, prevIndex, prevTerm, commit, entries }) {
      writer.integer(term);
      writer.integer(prevIndex);
      writer.integer(prevTerm);
      writer.integer(commit);
      writer.u32(entries.length);
      for (const entry of entries) writeEntry(writer, entry);
    },
    read: (reader) => ({
      kind: 'append',
      term: reader.integer(),
      prevIndex: reader.integer(),
      prevTerm: reader.integer(),
      commit: reader.integer(),
      entries: readMany(reader, entryBytesMin, readEntry),
    }),
  },
  'append-accepted': {
    code: 4,
    size: () => 2 * integer,
    write(writer, { term, matchIndex }) {
      writer.integer(term);
      writer.integer(matchIndex);
    },
    read: (reader) => ({ kind: 'append-accepted', term: reader.integer(), matchIndex: reader.integer() }),
  },
  'append-rejected': {
    code: 5,
    size: () => 4 * integer,
    write(writer, { term, prevIndex, hintIndex, hintTerm }) {
      writer.integer(term);
      writer.integer(prevIndex);
      writer.integer(hintIndex);
      writer.integer(hintTerm);
    },
    read: (reader) => ({
      kind: 'append-rejected',
      term: reader.integer(),
      prevIndex: reader.integer(),
      hintIndex: reader.integer(),
      hintTerm: reader.integer(),
    }),
  },
  heartbeat: {
    code: 6,
    size: () => 3 * integer,
    write(writer, { term, commit, round }) {
      writer.integer(term);
      writer.integer(commit);
      writer.integer(round);
    },
    read: (reader) => ({ kind: 'heartbeat', term: reader.integer(), commit: reader.integer(), round: reader.integer() }),
  },
  'heartbeat-reply': {
    code: 7,
    size: () => 2 * integer,
    write(writer, { term, round }) {
      writer.integer(term);
      writer.integer(round);
    },
    read: (reader) => ({ kind: 'heartbeat-reply', term: reader.integer(), round: reader.integer() }),
  },
  'read-index': {
    code: 8,
    size: () => integer,
    write: (writer, { id }) => writer.integer(id),
    read: (reader) => ({ kind: 'read-index', id: reader.integer() }),
  },
  'read-index-reply': {
    code: 9,
    size: ({ index }) => integer + boolean + (index === null ? 0 : integer),
    write(writer, { id, index }) {
      writer.integer(id);
      writer.boolean(index !== null);
      if (index !== null) writer.integer(index);
    },
    read: (reader) => ({ kind: 'read-index-reply', id: reader.integer(), index: reader.boolean() ? reader.integer() : null }),
  },
  propose: {
    code: 10,
    size({ payloads }) {
      let size = integer + u32;
      for (const payload of payloads) size += u32 + payload.length;
      return size;
    },
    write(writer, { id, payloads }) {
      writer.integer(id);
      writer.u32(payloads.length);
      for (const payload of payloads) writer.sizedBytes(payload);
    },
    read: (reader) => ({ kind: 'propose', id: reader.integer(), payloads: readMany(reader, u32, readPayload) }),
  },
  'propose-reply': {
    code: 11,
    size: ({ position }) => integer + boolean + (position === null ? 0 : 2 * integer),
    write(writer, { id, position }) {
      writer.integer(id);
      writer.boolean(position !== null);
      if (position !== null) {
        writer.integer(position.firstIndex);
        writer.integer(position.term);
      }
    },
    read: (reader) => ({ kind: 'propose-reply', id: reader.integer(), position: reader.boolean() ? readPosition(reader) : null }),
  },
};

function readPayload(reader: WireReader): Uint8Array {
  return reader.sizedBytes();
}

function readPosition(reader: WireReader): ProposalPosition {
  return { firstIndex: reader.integer(), term: reader.integer() };
}

function readMany<T>(reader: WireReader, itemBytesMin: number, read: (reader: WireReader) => T): T[] {
  const count = reader.count(itemBytesMin);
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read(reader));
  return items;
}
