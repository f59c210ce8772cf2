import type { Append, AppendAccepted, AppendRejected, Heartbeat, HeartbeatReply } from '@flotilla/core';
import { entrySize, readEntriesAfter, writeEntry } from './entry-codec.ts';
import { type CodecsOf, fieldBytes } from './message-codec.ts';

const { u32, boolean, integer } = fieldBytes;

/** How a leader keeps its followers up to date. */
export const replicationCodecs: CodecsOf<Append | AppendAccepted | AppendRejected | Heartbeat | HeartbeatReply> = {
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
    size: () => 3 * integer + boolean,
    write(writer, { term, commit, round, quiesce }) {
      writer.integer(term);
      writer.integer(commit);
      writer.integer(round);
      writer.boolean(quiesce);
    },
    read: (reader) => ({
      kind: 'heartbeat',
      term: reader.integer(),
      commit: reader.integer(),
      round: reader.integer(),
      quiesce: reader.boolean(),
    }),
  },
  'heartbeat-reply': {
    code: 7,
    size: () => 3 * integer,
    write(writer, { term, round, loyalMs }) {
      writer.integer(term);
      writer.integer(round);
      writer.integer(loyalMs);
    },
    read: (reader) => ({ kind: 'heartbeat-reply', term: reader.integer(), round: reader.integer(), loyalMs: reader.integer() }),
  },
};
