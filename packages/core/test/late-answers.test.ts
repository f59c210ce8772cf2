import { describe, expect, it } from 'vitest';
import { decide } from '../src/decide.ts';
import { evolve } from '../src/evolve.ts';
import type { Input } from '../src/input.ts';
import { emptyMembership } from '../src/membership.ts';
import type { SnapshotInfo } from '../src/snapshot.ts';
import type { RaftState } from '../src/state.ts';
import { roles } from './messages/roles.ts';

type Untimed<I> = I extends Input ? Omit<I, 'now' | 'wallTime'> : never;

const role = (name: string): RaftState => {
  const state = roles[name];
  if (state === undefined) throw new Error(`there is no role ${name}`);
  return state;
};
const [follower, leader] = [role('follower'), role('leader')];
const machine = { name: 'list', version: 1 };
const snapshot = (index: number): SnapshotInfo => ({ id: 's', index, term: 2, time: 0, size: 9, membership: leader.membership, machine });
const receiving = evolve(follower, { kind: 'snapshot-offered', snapshot: snapshot(20) });
const sent = { kind: 'append-sent', to: 2, term: 6, prevIndex: 7, lastIndex: 7, bytes: 0 } as const;

const late: readonly (readonly [what: string, state: RaftState, input: Untimed<Input>])[] = [
  ['an append went out, and this member leads no more', follower, sent],
  ['an append of an older term went out', leader, { ...sent, term: 5 }],
  ['an append went out to one that has left', leader, { ...sent, to: 9 }],
  ['an append went out that was asked for before the peer was found behind', leader, sent],
  ['a part of a snapshot is stored that nobody sends any more', follower, { kind: 'chunk-stored', snapshotId: 's', offset: 5 }],
  ['a part of another snapshot is stored', receiving, { kind: 'chunk-stored', snapshotId: 'other', offset: 5 }],
  ['a part is stored that was not asked for', receiving, { kind: 'chunk-stored', snapshotId: 's', offset: 5 }],
  ['a snapshot is restored that nobody sends any more', follower, { kind: 'snapshot-restored', snapshotId: 's', intact: true }],
  ['another snapshot is restored', receiving, { kind: 'snapshot-restored', snapshotId: 'other', intact: true }],
  ['a snapshot is restored that was not asked for', receiving, { kind: 'snapshot-restored', snapshotId: 's', intact: true }],
  ['a snapshot is taken of what is not applied', leader, { kind: 'snapshot-taken', snapshot: snapshot(99) }],
  ['a snapshot is taken of nothing', leader, { kind: 'snapshot-taken', snapshot: snapshot(0) }],
  [
    'a snapshot is taken as of nobody knows whom',
    leader,
    { kind: 'snapshot-taken', snapshot: { ...snapshot(5), membership: emptyMembership } },
  ],
  [
    'a host is lost that was lost',
    evolve(leader, { kind: 'host-lost', peer: 2 }),
    { kind: 'reachability-changed', peer: 2, reachable: false },
  ],
  ['a host is found that was not lost', leader, { kind: 'reachability-changed', peer: 2, reachable: true }],
];

describe('what the runtime says', () => {
  it.each(late)('changes nothing where %s', (_what, state, input) => {
    const { events, effects } = decide(state, { ...input, now: 10_000, wallTime: 0 });
    expect([events, effects]).toEqual([[], []]);
  });

  it.each([
    { kind: 'deadline-reached' },
    { kind: 'persisted', sequence: 99 },
    sent,
    { kind: 'snapshot-taken', snapshot: snapshot(0) },
    { kind: 'chunk-stored', snapshotId: 's', offset: 0 },
    { kind: 'snapshot-restored', snapshotId: 's', intact: true },
    { kind: 'reachability-changed', peer: 3, reachable: false },
  ] satisfies Untimed<Input>[])('does not wake a follower that sleeps: $kind', (input) => {
    const asleep = evolve(follower, { kind: 'quiesced' });
    expect(decide(asleep, { ...input, now: 99_999, wallTime: 0 }).state.quiesced).toBe(true);
  });
});
