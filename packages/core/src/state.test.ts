import { describe, expect, it } from 'vitest';
import { defaultRaftConfig } from './config.ts';
import { decide } from './decide.ts';
import { extend } from './log.ts';
import { deadline, describeState, electionTimeout, initialState } from './state.ts';

const start = { id: 1, membership: { voters: [1, 2, 3] }, config: defaultRaftConfig, seed: 7, now: 1000 };

describe('initialState', () => {
  it('is a follower that has seen nothing', () => {
    expect(describeState(initialState(start))).toBe('follower term=0 vote=none leader=none last=0@0 persisted=0 commit=0');
  });

  it('takes from the disk what is there, and the snapshot for committed', () => {
    const log = extend({ snapshotIndex: 4, snapshotTerm: 2, runs: [], lastIndex: 4 }, 3, 2);
    const state = initialState({ ...start, recovered: { hardState: { term: 5, vote: 3 }, log, lastTime: 99 } });
    expect(describeState(state)).toBe('follower term=5 vote=3 leader=none last=6@3 persisted=6 commit=4');
    expect([state.applyIndex, state.logTime]).toEqual([4, 99]);
  });

  it('refuses a configuration that cannot work', () => {
    expect(() => initialState({ ...start, config: { ...defaultRaftConfig, electionTimeoutMs: 1 } })).toThrow('electionTimeoutMs is 1');
  });
});

describe('deadline', () => {
  it('comes between one and two election timeouts', () => {
    expect(electionTimeout(defaultRaftConfig, 0)).toBe(500);
    expect(electionTimeout(defaultRaftConfig, 0.9999)).toBe(999);
    expect(deadline(initialState(start))).toBeGreaterThanOrEqual(1500);
    expect(deadline(initialState(start))).toBeLessThan(2000);
  });

  it('is harmless when it is announced too early', () => {
    const state = initialState(start);
    const { events, effects } = decide(state, { kind: 'deadline-reached', now: deadline(state) - 1, wallTime: 0 });
    expect([events, effects]).toEqual([[], []]);
  });

  it('never comes for a member that may not vote: it would only be woken again and again', () => {
    const state = initialState({ ...start, id: 9 });
    expect(deadline(state)).toBe(Number.POSITIVE_INFINITY);
    expect(decide(state, { kind: 'deadline-reached', now: 1e9, wallTime: 0 }).events).toEqual([]);
  });
});
