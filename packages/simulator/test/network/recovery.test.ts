import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { NetworkCluster } from './network-cluster.ts';

const members = [1, 2, 3, 4];

/** Something goes wrong, or is over. */
function disturb(cluster: NetworkCluster, random: SeededRandom): void {
  const { network } = cluster;
  const { faults } = network;
  const [one, other] = random.shuffle(members) as [number, number];
  const { process, transport } = cluster.host(one);
  const choices: readonly (() => unknown)[] = [
    () => faults.cut(one, other),
    () => faults.cutOneWay(one, other),
    () => faults.isolate(one),
    () => faults.partition([[one, other], members.filter((id) => id !== one && id !== other)]),
    () => faults.freeze(one, other),
    () => faults.silence(one),
    () => faults.slow(one, other, { delayMs: random.between(0, 200), bytesPerMs: 10 }),
    () => faults.lossy(one, other, { loss: 0.2, duplication: 0.2, reordering: 0.2 }),
    () => network.reset(one, other),
    () => network.healAll(),
    () => network.healAll(),
    () => process.pause(),
    () => process.resume(),
    () => process.resume(),
    () => process.kill(),
    () => {
      process.kill();
      network.killed(one);
    },
    // As a host does that fails: it closes its transport, and its process ends.
    () => {
      void transport.close();
      process.kill();
    },
  ];
  random.pick(choices)();
}

test.each(Array.from({ length: 30 }, (_, seed) => seed))('after any faults everybody reaches everybody again (seed %i)', async (seed) => {
  const random = new SeededRandom(seed).fork('faults');
  const datagrams = seed % 2 === 1;
  const cluster = await NetworkCluster.started({ members: 4, seed, profile: { datagrams, jitterMs: 2, queueBytesMax: 5_000 } });
  const restart = async (probability: number) => {
    for (const id of members) if (!cluster.host(id).process.alive && random.chance(probability)) await cluster.start(id);
  };
  for (let round = 0; round < 300; round++) {
    if (random.chance(0.2)) disturb(cluster, random);
    for (const from of members) for (const to of members) cluster.send(from, to, round);
    await cluster.pass(random.exponential(50));
    await restart(0.05);
  }
  cluster.network.healAll();
  for (const id of members) cluster.host(id).process.resume();
  await restart(1);
  await cluster.pass(20_000);
  for (const from of members) {
    for (const to of members) if (from !== to) expect([from, to, await cluster.reaches(from, to, 100)]).toEqual([from, to, true]);
    const last = new Map(cluster.told(from).map((what) => [Number(what.slice(1)), what[0]]));
    expect([...last.values()]).toEqual(['+', '+', '+']);
  }
  const { sent, delivered, lost, duplicated } = cluster.network.counts;
  expect(delivered).toBeGreaterThan(100);
  // What waited for a paused process that then died was neither handed over nor lost on the network.
  expect(delivered + lost).toBeLessThanOrEqual(sent + duplicated);
});
