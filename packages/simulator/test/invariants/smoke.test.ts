import type { MemberId } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import { allInvariants } from '../../src/invariants/all.ts';
import { newKnowledge } from '../../src/invariants/knowledge.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { Clients } from './clients.ts';
import { countingMachine, serialIn } from './counting-machine.ts';
import { WatchedCluster } from './watched-cluster.ts';

interface Trial {
  readonly seed: number;
  readonly members: number;
  readonly joiners?: number;
  readonly witnesses?: readonly MemberId[];
  readonly faultsForMs: number;
  readonly disksThatLie?: readonly MemberId[];
}

describe('every invariant, over the production runtime', () => {
  test('holds without faults', async () => {
    const { cluster, clients, known } = await run({ seed: 1, members: 5, faultsForMs: 0 });
    expect(clients.done.writes).toBeGreaterThan(200);
    expect(clients.done.reads).toBeGreaterThan(200);
    expect(known.committed.lastIndex).toBeGreaterThan(200);
    expect(cluster.running).toHaveLength(5);
  });

  test.each([1, 2, 3, 4])('holds through crashes, losses, snapshots and changes of membership (seed %i)', async (seed) => {
    const { clients, known } = await run({ seed, members: 3, joiners: 2, faultsForMs: 20_000 });
    expect(clients.done.writes).toBeGreaterThan(100);
    expect(known.committed.membershipAt(known.committed.lastIndex)).not.toBeNull();
  });

  test.each([5, 6])('holds with a witness (seed %i)', async (seed) => {
    const { clients } = await run({ seed, members: 3, witnesses: [3], faultsForMs: 10_000 });
    expect(clients.done.writes).toBeGreaterThan(50);
  });
});

test.each([7, 8])('a disk that lies is found out (seed %i)', async (seed) => {
  const lie = run({ seed, members: 3, faultsForMs: 0, disksThatLie: [2] });
  await expect(lie).rejects.toThrow(/promises-are-durable|disk-holds-the-log|elected-by-quorum|commit-on-durable-quorum/);
});

async function run({ seed, members, joiners = 0, witnesses = [], faultsForMs, disksThatLie = [] }: Trial) {
  const known = newKnowledge();
  const active = () => {
    const leader = cluster.leader();
    const members = leader === null ? [] : (cluster.group(leader)?.status().members ?? []);
    return members.filter(({ role }) => role !== 'witness').map(({ id }) => id);
  };
  const oracle = new Oracle({ serialIn, members: active });
  const cluster = new WatchedCluster({
    seed,
    members,
    joiners,
    witnesses,
    disksThatLie,
    machine: countingMachine,
    observers: [...allInvariants(known), oracle],
    // A witness compacts its log by itself; here it keeps all of it.
    raft: witnesses.length > 0 ? {} : { trailingEntries: 10 },
  });
  const { world } = cluster;
  for (const { id } of cluster.slots) void cluster.start(id).catch((error: unknown) => world.fail(error));
  const clients = new Clients(cluster, oracle);
  clients.start(10, 50);
  await world.run(world.now + 5000);
  const end = world.now + faultsForMs;
  while (world.now < end) {
    hurt(cluster);
    await world.run(world.now + cluster.random.exponential(400));
  }
  cluster.lose = () => false;
  for (const { id, process } of cluster.slots) if (process === null) void cluster.start(id).catch((error: unknown) => world.fail(error));
  await world.run(world.now + 5000);
  clients.stop();
  await world.run(world.now + 10_000);
  cluster.converged();
  await world.run(world.now + 1);
  return { cluster, clients, known };
}

/** One thing that may happen to a cluster, chosen at random. */
function hurt(cluster: WatchedCluster): void {
  const { random, running, slots, world } = cluster;
  const one = random.pick(slots).id;
  const leader = cluster.leader();
  const lead = leader === null ? null : cluster.group(leader);
  const ignore = () => {};
  switch (random.integer(0, 9)) {
    case 0:
      return cluster.crash(random.chance(0.5) && leader !== null ? leader : one);
    case 1:
    case 2:
      if (!running.includes(one) && cluster.slot(one).process === null)
        void cluster.start(one).catch((error: unknown) => world.fail(error));
      return;
    case 3: {
      const rate = random.pick([0, 0.02, 0.2]);
      cluster.lose = () => random.chance(rate);
      return;
    }
    case 4:
      cluster.lose = (from, to) => (from === one) !== (to === one);
      return;
    case 5:
      return void cluster
        .group(random.pick(running.length > 0 ? running : [1]))
        ?.takeSnapshot()
        .catch(ignore);
    case 6:
      return void lead?.transferLeadership(one, { timeoutMs: 1000 }).catch(ignore);
    default: {
      const status = lead?.status();
      const isMember = status?.members.some(({ id }) => id === one);
      // A number that was removed is never given again.
      const change = isMember
        ? { remove: one > 3 ? [one] : [] }
        : {
            add: [
              {
                id: one,
                peerAddress: `peer-${one}:70`,
                clientAddress: `client-${one}:80`,
                role: random.pick(['voter', 'learner'] as const),
              },
            ],
          };
      return void lead?.changeMembership(change, { timeoutMs: 2000 }).catch(ignore);
    }
  }
}
