import fc from 'fast-check';
import { describe, it } from 'vitest';
import { checkLiveness } from './properties/liveness.ts';
import { type Action, perform, schedule } from './properties/schedule.ts';
import { watchedCluster } from './properties/watched-cluster.ts';

/**
 * `RAFT_RUNS=20` makes the campaign twenty times as long, `RAFT_SEED` another one; a failure prints its seed and path,
 * and `RAFT_SEED=… RAFT_PATH=… npx vitest run packages/core -t '3 members'` plays that run again.
 */
const { RAFT_RUNS = '1', RAFT_SEED = '1', RAFT_PATH = '' } = process.env;
const factor = Number(RAFT_RUNS);
const parameters = { seed: Number(RAFT_SEED), ...(RAFT_PATH === '' ? {} : { path: RAFT_PATH, endOnFailure: true }) };

const campaigns = [
  { name: '1 member', size: 1, runs: 50, actions: 100 },
  { name: '3 members', size: 3, runs: 500, actions: 300 },
  { name: '4 members', size: 4, runs: 50, actions: 300 },
  { name: '5 members', size: 5, runs: 250, actions: 300 },
];

describe('random schedules keep every property and end in agreement', () => {
  for (const { name, size, runs, actions } of campaigns) {
    const property = fc.property(schedule(actions), (steps) => play(size, steps));
    it(name, () => fc.assert(property, { ...parameters, numRuns: runs * factor }), 60_000 * factor);
  }
});

function play(size: number, actions: readonly Action[]): void {
  const { cluster } = watchedCluster(size);
  let lastId = 0;
  const nextId = () => ++lastId;
  for (const action of actions) perform(cluster, action, nextId());
  checkLiveness(cluster, nextId);
}
