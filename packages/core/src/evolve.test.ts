import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { defaultRaftConfig } from './config.ts';
import { decide } from './decide.ts';
import { isFlotillaError } from './errors.ts';
import type { RaftEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { describeLog } from './log.ts';
import { foundingMembership } from './membership.ts';
import { initialState } from './state.ts';

const membership = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const follower = initialState({ id: 1, memberships: [{ index: 0, membership }], config: defaultRaftConfig, seed: 7, now: 0 });
const leader = evolve(follower, { kind: 'became-leader', openingIndex: 1, at: 0 });

const impossible: { readonly what: string; readonly event: RaftEvent }[] = [
  { what: 'counts a vote without being a candidate', event: { kind: 'vote-counted', from: 2, granted: true } },
  { what: 'sends heartbeats without leading', event: { kind: 'heartbeats-sent', round: 1, at: 0, nextDeadline: 1, idleIntervals: 0 } },
  { what: 'tracks a follower without leading', event: { kind: 'peer-probed', peer: 2 } },
  { what: 'appends nothing', event: { kind: 'entries-appended', entries: [] } },
];

describe('evolve', () => {
  it.each(impossible)('refuses a history in which a follower $what', ({ event }) => {
    expect(() => evolve(follower, event)).toThrow(/no candidate|does not lead|nothing was appended/);
  });

  it('refuses a history in which a leader tracks a stranger', () => {
    expect(() => evolve(leader, { kind: 'peer-probed', peer: 9 })).toThrow('no progress is kept for member 9');
  });

  it('gives an index to the reads that have none yet, and to no others', () => {
    const ready = { index: 4, round: 2 };
    const events: RaftEvent[] = [
      { kind: 'read-registered', read: { id: 1, from: null, ready } },
      { kind: 'read-registered', read: { id: 2, from: 3, ready: null } },
      { kind: 'reads-readied', index: 5, round: 3 },
    ];
    expect(events.reduce(evolve, leader).role).toMatchObject({
      reads: [
        { id: 1, ready },
        { id: 2, ready: { index: 5, round: 3 } },
      ],
    });
  });

  it('makes one run of entries of one term, and takes the time of the last', () => {
    const entries = [1, 1, 2, 2, 2, 4].map(
      (term, i) => ({ index: i + 1, term, time: 10 * i, kind: 'no-op', payload: new Uint8Array(0) }) as const,
    );
    const { log, logTime } = evolve(follower, { kind: 'entries-appended', entries });
    expect([describeLog(log), logTime]).toEqual(['1-2@1 3-5@2 6@4', 50]);
  });
});

describe('decide', () => {
  it('takes no notice of a write that it did not ask for', () => {
    const { state, events, effects } = decide(follower, { kind: 'persisted', sequence: 3, now: 0, wallTime: 0 });
    expect([state, events, effects]).toEqual([follower, [], []]);
  });

  it('takes no notice of a write that it had been told of', () => {
    expect(evolve(follower, { kind: 'write-completed', sequence: 1, at: 0 })).toEqual(follower);
  });

  it('stops, with an error that names a code, at what a correct group never does', () => {
    const rival = { kind: 'heartbeat', term: 0, commit: 0, round: 1, quiesce: false } as const;
    try {
      decide(leader, { kind: 'received', from: 2, message: rival, now: 0, wallTime: 0 });
      expect.unreachable();
    } catch (error) {
      expect(isFlotillaError(error, 'invariant_violated')).toBe(true);
      expect(isFlotillaError(error, 'another_code')).toBe(false);
      expect(isFlotillaError(new Error('no'))).toBe(false);
    }
  });
});
