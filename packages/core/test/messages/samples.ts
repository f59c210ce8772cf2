import { emptyMembership, lastTerm, type Message, type RaftState, type Term } from '../../src/index.ts';

/** A message of each kind, as a member of `term` would send it to one in `state`. */
export interface Sample {
  readonly name: string;
  readonly message: (state: RaftState, term: Term) => Message;
  /** The same, sent earlier: what comes late. */
  readonly earlier?: (state: RaftState, term: Term) => Message;
}

const snapshot = { id: 's', index: 20, term: 5, time: 0, size: 10, membership: emptyMembership, machine: { name: 'list', version: 1 } };
const entry = (index: number, term: Term) => ({ index, term, time: 0, kind: 'no-op', payload: new Uint8Array(0) }) as const;

/** Ends in a log that is ahead of anybody's. */
const ahead = (term: Term) => ({ term, lastIndex: 50, lastTerm: term });

export const samples: readonly Sample[] = [
  { name: 'pre-vote', message: (_, term) => ({ kind: 'pre-vote', ...ahead(term) }) },
  {
    name: 'pre-vote-behind',
    message: (_, term) => ({ kind: 'pre-vote', term, lastIndex: 0, lastTerm: 0 }),
  },
  { name: 'pre-vote-reply', message: (_, term) => ({ kind: 'pre-vote-reply', term, granted: true }) },
  { name: 'pre-vote-reply-no', message: (_, term) => ({ kind: 'pre-vote-reply', term, granted: false }) },
  { name: 'request-vote', message: (_, term) => ({ kind: 'request-vote', ...ahead(term), transfer: false }) },
  { name: 'request-vote-transfer', message: (_, term) => ({ kind: 'request-vote', ...ahead(term), transfer: true }) },
  {
    name: 'request-vote-behind',
    message: (_, term) => ({ kind: 'request-vote', term, lastIndex: 0, lastTerm: 0, transfer: true }),
  },
  { name: 'vote-reply', message: (_, term) => ({ kind: 'vote-reply', term, granted: true }) },
  { name: 'vote-reply-no', message: (_, term) => ({ kind: 'vote-reply', term, granted: false }) },
  {
    name: 'append',
    message: ({ log }, term) => {
      const entries = [entry(log.lastIndex + 1, term)];
      return { kind: 'append', term, prevIndex: log.lastIndex, prevTerm: lastTerm(log), commit: 5, entries };
    },
    earlier: (_, term) => ({ kind: 'append', term, prevIndex: 0, prevTerm: 0, commit: 0, entries: [] }),
  },
  {
    name: 'append-with-gap',
    message: (_, term) => ({ kind: 'append', term, prevIndex: 40, prevTerm: 5, commit: 5, entries: [entry(41, term)] }),
  },
  {
    name: 'append-accepted',
    message: ({ log }, term) => ({ kind: 'append-accepted', term, matchIndex: log.lastIndex }),
    earlier: (_, term) => ({ kind: 'append-accepted', term, matchIndex: 0 }),
  },
  {
    name: 'append-rejected',
    message: ({ log }, term) => ({ kind: 'append-rejected', term, prevIndex: log.lastIndex, hintIndex: 0, hintTerm: 0 }),
  },
  {
    name: 'heartbeat',
    message: (_, term) => ({ kind: 'heartbeat', term, commit: 5, round: 9, quiesce: false }),
    earlier: (_, term) => ({ kind: 'heartbeat', term, commit: 0, round: 8, quiesce: false }),
  },
  { name: 'heartbeat-quiesce', message: (_, term) => ({ kind: 'heartbeat', term, commit: 0, round: 0, quiesce: true }) },
  {
    name: 'heartbeat-reply',
    message: (_, term) => ({ kind: 'heartbeat-reply', term, round: 1, loyalMs: 500 }),
    earlier: (_, term) => ({ kind: 'heartbeat-reply', term, round: 0, loyalMs: 500 }),
  },
  { name: 'timeout-now', message: (_, term) => ({ kind: 'timeout-now', term }) },
  {
    name: 'snapshot-chunk',
    message: (_, term) => ({ kind: 'snapshot-chunk', term, snapshot, offset: 0, bytes: new Uint8Array(5), checksum: 0 }),
    earlier: (_, term) => ({
      kind: 'snapshot-chunk',
      term,
      snapshot: { ...snapshot, id: 'old', index: 0 },
      offset: 0,
      checksum: 0,
      bytes: new Uint8Array(5),
    }),
  },
  { name: 'snapshot-reply', message: (_, term) => ({ kind: 'snapshot-reply', term, snapshotId: 's', offset: 5 }) },
  { name: 'read-index', message: () => ({ kind: 'read-index', id: 3 }) },
  { name: 'read-index-reply', message: () => ({ kind: 'read-index-reply', id: 3, answer: { index: 4 } }) },
  { name: 'propose', message: () => ({ kind: 'propose', id: 3, payloads: [new Uint8Array(1)] }) },
  { name: 'propose-reply', message: () => ({ kind: 'propose-reply', id: 3, answer: { reason: 'overloaded' } }) },
];
