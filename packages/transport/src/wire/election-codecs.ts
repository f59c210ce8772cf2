import type { PreVote, PreVoteReply, RequestVote, TimeoutNow, VoteReply } from '@flotilla/core';
import { type CodecsOf, fieldBytes } from './message-codec.ts';

const { boolean, integer } = fieldBytes;

/** How members ask for votes and give them. */
export const electionCodecs: CodecsOf<PreVote | PreVoteReply | RequestVote | VoteReply | TimeoutNow> = {
  'request-vote': {
    code: 1,
    size: () => 3 * integer + boolean,
    write(writer, { term, lastIndex, lastTerm, transfer }) {
      writer.integer(term);
      writer.integer(lastIndex);
      writer.integer(lastTerm);
      writer.boolean(transfer);
    },
    read: (reader) => ({
      kind: 'request-vote',
      term: reader.integer(),
      lastIndex: reader.integer(),
      lastTerm: reader.integer(),
      transfer: reader.boolean(),
    }),
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
  'pre-vote': {
    code: 12,
    size: () => 3 * integer,
    write(writer, { term, lastIndex, lastTerm }) {
      writer.integer(term);
      writer.integer(lastIndex);
      writer.integer(lastTerm);
    },
    read: (reader) => ({ kind: 'pre-vote', term: reader.integer(), lastIndex: reader.integer(), lastTerm: reader.integer() }),
  },
  'pre-vote-reply': {
    code: 13,
    size: () => integer + boolean,
    write(writer, { term, granted }) {
      writer.integer(term);
      writer.boolean(granted);
    },
    read: (reader) => ({ kind: 'pre-vote-reply', term: reader.integer(), granted: reader.boolean() }),
  },
  'timeout-now': {
    code: 14,
    size: () => integer,
    write: (writer, { term }) => writer.integer(term),
    read: (reader) => ({ kind: 'timeout-now', term: reader.integer() }),
  },
};
