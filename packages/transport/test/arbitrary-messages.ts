import type { Entry, Message } from '@flotilla/core';
import fc from 'fast-check';
import type { GroupMessage } from '../src/index.ts';

const integer = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 200 });

const entry: fc.Arbitrary<Entry> = fc.record({
  index: integer,
  term: integer,
  time: integer,
  kind: fc.constantFrom('command' as const, 'no-op' as const),
  payload: bytes,
});

/** An arbitrary for the fields of every kind: a new kind does not compile until it has its line here. */
const fields: { readonly [K in Message['kind']]: fc.Arbitrary<Omit<Extract<Message, { kind: K }>, 'kind'>> } = {
  'request-vote': fc.record({ term: integer, lastIndex: integer, lastTerm: integer }),
  'vote-reply': fc.record({ term: integer, granted: fc.boolean() }),
  append: fc.record({
    term: integer,
    prevIndex: integer,
    prevTerm: integer,
    commit: integer,
    entries: fc.array(entry, { maxLength: 8 }),
  }),
  'append-accepted': fc.record({ term: integer, matchIndex: integer }),
  'append-rejected': fc.record({ term: integer, prevIndex: integer, hintIndex: integer, hintTerm: integer }),
  heartbeat: fc.record({ term: integer, commit: integer, round: integer }),
  'heartbeat-reply': fc.record({ term: integer, round: integer }),
  'read-index': fc.record({ id: integer }),
  'read-index-reply': fc.record({ id: integer, index: fc.option(integer) }),
  propose: fc.record({ id: integer, payloads: fc.array(bytes, { maxLength: 8 }) }),
  'propose-reply': fc.record({ id: integer, position: fc.option(fc.record({ firstIndex: integer, term: integer })) }),
};

const message: fc.Arbitrary<Message> = fc.oneof(
  ...Object.entries(fields).map(([kind, arbitrary]) => (arbitrary as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as Message)),
);

/** Messages of every kind and group. */
export const arbitraryMessage: fc.Arbitrary<GroupMessage> = fc.record({ group: fc.integer({ min: 1, max: 0xffff_ffff }), message });
