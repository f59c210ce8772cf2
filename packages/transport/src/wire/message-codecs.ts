import type { Message } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import { answerSize, readAnswer, writeRefusal } from './answer-codec.ts';
import { entrySize, readEntriesAfter, writeEntry } from './entry-codec.ts';
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
    read(reader) {
      const term = reader.integer();
      const prevIndex = reader.integer();
      const prevTerm = reader.integer();
      const commit = reader.integer();
      return { kind: 'append', term, prevIndex, prevTerm, commit, entries: readEntriesAfter(reader, prevIndex) };
    },
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
    size: ({ answer }) => integer + answerSize('index' in answer ? integer : null),
    write(writer, { id, answer }) {
      writer.integer(id);
      if (!('index' in answer)) return writeRefusal(writer, answer);
      writer.boolean(true);
      writer.integer(answer.index);
    },
    read: (reader) => ({
      kind: 'read-index-reply',
      id: reader.integer(),
      answer: readAnswer(reader, () => ({ index: reader.integer() })),
    }),
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
    read: (reader) => ({ kind: 'propose', id: reader.integer(), payloads: readPayloads(reader) }),
  },
  'propose-reply': {
    code: 11,
    size: ({ answer }) => integer + answerSize('position' in answer ? 2 * integer : null),
    write(writer, { id, answer }) {
      writer.integer(id);
      if (!('position' in answer)) return writeRefusal(writer, answer);
      writer.boolean(true);
      writer.integer(answer.position.firstIndex);
      writer.integer(answer.position.term);
    },
    read: (reader) => ({
      kind: 'propose-reply',
      id: reader.integer(),
      answer: readAnswer(reader, () => ({ position: { firstIndex: reader.integer(), term: reader.integer() } })),
    }),
  },
};

function readPayloads(reader: WireReader): Uint8Array[] {
  const count = reader.count(u32);
  if (count === 0) throw protocolError('a proposal has no command');
  const payloads: Uint8Array[] = [];
  for (let i = 0; i < count; i++) payloads.push(reader.sizedBytes());
  return payloads;
}
