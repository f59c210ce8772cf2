import type { Entry, MemberInfo, Membership, Message, Refusal, SnapshotInfo } from '@flotilla/core';
import fc from 'fast-check';
import type { GroupMessage } from '../src/index.ts';

const integer = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 200 });

const entry: fc.Arbitrary<Omit<Entry, 'index'>> = fc.record({
  term: integer,
  time: integer,
  kind: fc.constantFrom('command' as const, 'no-op' as const, 'membership' as const),
  payload: bytes,
});

const refusal: fc.Arbitrary<Refusal> = fc.record({ reason: fc.constantFrom('no_leader', 'leadership_lost', 'overloaded', 'storage_full') });

const memberId = fc.integer({ min: 1, max: 0xffff_ffff });
const address = fc.string({ unit: 'grapheme', maxLength: 20 });

const member: fc.Arbitrary<MemberInfo> = fc.record({
  id: memberId,
  peerAddress: address,
  clientAddress: address,
  voter: fc.boolean(),
  witness: fc.boolean(),
  priority: fc.nat(1_000),
});

const members = fc.array(member, { maxLength: 5 });

const membership: fc.Arbitrary<Membership> = fc.record({
  members,
  outgoing: fc.option(members),
  pending: fc.option(fc.record({ promote: fc.array(memberId, { maxLength: 3 }), remove: fc.array(memberId, { maxLength: 3 }) })),
  highestId: fc.integer({ min: 0, max: 0xffff_ffff }),
});

const snapshotId = fc.stringMatching(/^[!-~]{1,64}$/);

const snapshot: fc.Arbitrary<SnapshotInfo> = fc.record({
  id: snapshotId,
  index: integer,
  term: integer,
  time: integer,
  size: integer,
  membership,
  machine: fc.record({ name: fc.string({ unit: 'grapheme' }), version: integer }),
});

/** An arbitrary for the fields of every kind: a new kind does not compile until it has its line here. */
const fields: { readonly [K in Message['kind']]: fc.Arbitrary<Omit<Extract<Message, { kind: K }>, 'kind'>> } = {
  'pre-vote': fc.record({ term: integer, lastIndex: integer, lastTerm: integer }),
  'pre-vote-reply': fc.record({ term: integer, granted: fc.boolean() }),
  'request-vote': fc.record({ term: integer, lastIndex: integer, lastTerm: integer, transfer: fc.boolean() }),
  'timeout-now': fc.record({ term: integer }),
  'vote-reply': fc.record({ term: integer, granted: fc.boolean() }),
  append: fc
    .record({
      term: integer,
      prevIndex: fc.oneof(
        fc.nat(300),
        fc.maxSafeNat().map((index) => Math.max(0, index - 8)),
      ),
      prevTerm: integer,
      commit: integer,
      entries: fc.array(entry, { maxLength: 8 }),
    })
    .map((append) => ({ ...append, entries: append.entries.map((rest, i) => ({ index: append.prevIndex + 1 + i, ...rest })) })),
  'append-accepted': fc.record({ term: integer, matchIndex: integer }),
  'append-rejected': fc.record({ term: integer, prevIndex: integer, hintIndex: integer, hintTerm: integer }),
  heartbeat: fc.record({ term: integer, commit: integer, round: integer, quiesce: fc.boolean() }),
  'heartbeat-reply': fc.record({ term: integer, round: integer, loyalMs: integer }),
  'snapshot-chunk': fc.record({ term: integer, snapshot, offset: integer, bytes, checksum: fc.nat(0xffff_ffff) }),
  'snapshot-reply': fc.record({ term: integer, snapshotId, offset: integer }),
  'read-index': fc.record({ id: integer }),
  'read-index-reply': fc.record({ id: integer, answer: fc.oneof(fc.record({ index: integer }), refusal) }),
  propose: fc.record({ id: integer, payloads: fc.array(bytes, { minLength: 1, maxLength: 8 }) }),
  'propose-reply': fc.record({
    id: integer,
    answer: fc.oneof(fc.record({ position: fc.record({ firstIndex: integer, term: integer }) }), refusal),
  }),
};

const message: fc.Arbitrary<Message> = fc.oneof(
  ...Object.entries(fields).map(([kind, arbitrary]) => (arbitrary as fc.Arbitrary<object>).map((rest) => ({ kind, ...rest }) as Message)),
);

/** Messages of every kind and group. */
export const arbitraryMessage: fc.Arbitrary<GroupMessage> = fc.record({ group: fc.integer({ min: 1, max: 0xffff_ffff }), message });
