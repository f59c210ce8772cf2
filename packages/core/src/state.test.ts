import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { defaultRaftConfig } from './config.ts';
import { decide } from './decide.ts';
import { emptyLog, extend, startAfter } from './log.ts';
import { foundingMembership } from './membership.ts';
import { interruptedInstall } from './snapshot.ts';
import { committedMembership, deadline, describeState, electionTimeout, initialState, mayLead, membershipAt } from './state.ts';

const founding = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const start = { id: 1, memberships: [{ index: 0, membership: founding }], config: defaultRaftConfig, seed: 7, now: 1000 };

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

describe('an interrupted installation of a snapshot', () => {
  const snapshot = { id: 's', index: 5, term: 3, time: 9, size: 0, membership: founding, machine: { name: 'list', version: 1 } };
  const base = { index: 5, term: 3, time: 9, membership: founding };

  it.each([
    ['a log that is shorter', extend(emptyLog, 1, 3), base],
    ['a log with another entry there', extend(extend(emptyLog, 1, 3), 2, 3), base],
    ['a log with that entry', extend(extend(emptyLog, 1, 3), 3, 3), null],
    ['a log that begins there', startAfter(5, 3), null],
    ['a log that begins behind it', startAfter(7, 4), null],
  ])('has to be finished for %s, or not', (_what, log, expected) => {
    expect(interruptedInstall(log, snapshot)).toEqual(expected);
    expect(interruptedInstall(log, null)).toBeNull();
  });
});

describe('memberships', () => {
  const next = { ...founding, highestId: 9 };
  const changing = initialState({ ...start, memberships: [...start.memberships, { index: 4, membership: next }] });

  it('count from the moment they are in the log, and are known as of every entry', () => {
    expect(changing.membership).toBe(next);
    expect([0, 3, 4, 99].map((index) => membershipAt(changing, index).highestId)).toEqual([3, 3, 9, 9]);
  });

  it('are committed as the log is', () => {
    expect(committedMembership(changing)).toBe(founding);
    expect(committedMembership({ ...changing, commitIndex: 4 })).toBe(next);
  });

  it('are never without a first', () => {
    expect(() => initialState({ ...start, memberships: [] })).toThrow('member 1 starts without a membership');
    expect(() => membershipAt({ ...changing, memberships: [] }, 4)).toThrow('no membership is known as of entry 4');
    expect(() => committedMembership({ ...changing, memberships: [] })).toThrow('no membership is committed');
  });
});

describe('who may lead', () => {
  it.each([
    ['a voter', memberInfo(1), true],
    ['a witness', memberInfo(1, { witness: true }), false],
    ['a learner', memberInfo(1, { voter: false }), false],
    ['a stranger', memberInfo(4), false],
  ])('%s', (_what, info, may) => {
    const state = initialState({ ...start, memberships: [{ index: 0, membership: foundingMembership([info, memberInfo(2)]) }] });
    expect(mayLead(state)).toBe(may);
    expect(Number.isFinite(deadline(state))).toBe(may);
  });

  it('not one that was told to be a witness before it could read so', () => {
    expect(mayLead(initialState({ ...start, witness: true }))).toBe(false);
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
