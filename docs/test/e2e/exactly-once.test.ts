import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@flotilla/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessCluster, until } from '../../../apps/cli/test/e2e/process-cluster.ts';
import { counter } from '../../examples/counter.ts';

const clients = 8;
const { EXACTLY_ONCE_INCREMENTS = '1000', EXACTLY_ONCE_KILLS = '4' } = process.env;
const increments = Number(EXACTLY_ONCE_INCREMENTS);
const kills = Number(EXACTLY_ONCE_KILLS);

/** Timeouts in which elections are over soon, and longer than members of a busy machine are silent. */
const raft = { electionTimeoutMs: 400, heartbeatIntervalMs: 80 };

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create(3, { raft }, resolve(import.meta.dirname, '../../examples/counter.ts'));
  await cluster.startAll();
});

afterAll(() => cluster.destroy());

test(`${increments} increments of ${clients} clients count once each, with the leader killed ${kills} times`, {
  timeout: 900_000,
}, async () => {
  let left = increments;
  let acknowledged = 0;
  const work = async () => {
    const client = connect(counter, cluster.endpoints, { timeoutMs: 60_000 });
    while (left > 0) {
      left--;
      await client.increment({ by: 1 });
      acknowledged++;
    }
    client.$close();
  };
  const kill = async () => {
    for (let killed = 1; killed <= kills; killed++) {
      await until(`part ${killed} of ${kills + 1} is counted`, async () => acknowledged >= (killed * increments) / (kills + 1));
      const leader = await cluster.leader();
      // Anywhere in the life of a command.
      await delay(randomInt(20));
      await cluster.kill(leader);
      await until('there is another leader', async () => (await cluster.leader()) !== leader);
      await cluster.start(leader);
    }
  };
  await Promise.all([kill(), ...Array.from({ length: clients }, work)]);
  expect(acknowledged).toBe(increments);

  for (const endpoint of cluster.endpoints) {
    const client = connect(counter, [endpoint], { membersIntervalMs: 0 });
    expect(await client.value()).toBe(increments);
    client.$close();
  }
});
