import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, schedule } from './properties/actions.ts';
import { checkCutOffLeader, checkCutOffMember } from './properties/cut-off-members.ts';
import { awaitAgreement, checkLiveness } from './properties/liveness.ts';
import { perform } from './properties/schedule.ts';
import { type Setup, setup } from './properties/setup.ts';
import { checkSleep } from './properties/sleep.ts';
import { watchedCluster } from './properties/watched-cluster.ts';

/**
 * `RAFT_RUNS=20` makes the campaign twenty times as long, `RAFT_SEED` another one; a failure prints its seed and path,
 * and `RAFT_SEED=… RAFT_PATH=… npx vitest run packages/core -t '3 members'` plays that run again. `RAFT_SHRINK=0` shows a
 * failure as it was found, without looking for a shorter one.
 */
const { RAFT_RUNS = '1', RAFT_SEED = '1', RAFT_PATH = '', RAFT_SHRINK = '1' } = process.env;
const factor = Number(RAFT_RUNS);
const endOnFailure = RAFT_PATH !== '' || RAFT_SHRINK === '0';
const parameters = { seed: Number(RAFT_SEED), endOnFailure, ...(RAFT_PATH === '' ? {} : { path: RAFT_PATH }) };

const campaigns = [
  { name: '1 member', size: 1, runs: 20, actions: 150 },
  { name: '2 members', size: 2, runs: 30, actions: 250 },
  { name: '3 members', size: 3, runs: 100, actions: 300 },
  { name: '4 members', size: 4, runs: 20, actions: 300 },
  { name: '5 members', size: 5, runs: 40, actions: 300 },
];

describe('random schedules keep every property and end in agreement', () => {
  for (const { name, size, runs, actions } of campaigns) {
    const property = fc.property(setup(size), schedule(actions), play);
    it(name, () => fc.assert(property, { ...parameters, numRuns: Math.ceil(runs * factor) }), 120_000 * Math.max(1, factor));
  }
});

/** What the properties say of members that lose entries or their vote, and go on as if they had not. */
describe('losses that go unnoticed', () => {
  const isUnsafe = (error: unknown) =>
    /^(one vote per term|leader completeness|election safety|log matching): /.test(String((error as Error).message));
  const forgetful = fc.property(setup(3), schedule(300, { forget: 15, restart: 20 }), (begin, actions) => {
    const cluster = watchedCluster({ ...begin, options: { ...begin.options, lossesUnnoticed: true } });
    try {
      for (const [i, action] of actions.entries()) perform(cluster, action, i + 1);
    } catch (error) {
      // The core itself stops some members before it comes to that.
      if (isUnsafe(error)) throw error;
    }
  });
  it('break safety', () => {
    expect(fc.check(forgetful, { seed: 1, numRuns: 300, endOnFailure: true }).failed).toBe(true);
  });
});

function play(begin: Setup, actions: readonly Action[]): void {
  const cluster = watchedCluster(begin);
  let lastId = 0;
  const nextId = () => ++lastId;
  for (const action of actions) perform(cluster, action, nextId());
  const leader = checkLiveness(cluster, nextId);
  checkCutOffMember(cluster, leader, actions.length);
  checkSleep(cluster, leader, nextId);
  checkCutOffLeader(cluster, leader);
  awaitAgreement(cluster);
}
