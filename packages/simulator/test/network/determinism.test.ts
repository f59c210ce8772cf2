import type { MemberId } from '@flotilla/core';
import { encodeFrames } from '@flotilla/transport';
import { numbered, sampleMessages } from '@flotilla/transport/testing';
import { expect, test } from 'vitest';
import { NetworkCluster, type TestClusterOptions } from './network-cluster.ts';

const storm = { jitterMs: 3, datagrams: true, loss: 0.05, duplication: 0.05, reordering: 0.05 };

/** Everything that arrived, and when, on all members. */
async function run(options: TestClusterOptions, disturb: (cluster: NetworkCluster, round: number) => void = () => {}) {
  const cluster = await NetworkCluster.started(options);
  for (let round = 0; round < 300; round++) {
    disturb(cluster, round);
    for (const from of [1, 2, 3]) for (const to of [1, 2, 3]) cluster.send(from, to, round);
    await cluster.pass(2);
  }
  await cluster.pass(5_000);
  const arrivals = [1, 2, 3].map((id) => cluster.host(id).received.map(({ from, id: number, at }) => ({ from, number, at })));
  return { arrivals, hash: cluster.world.trace.hash, counts: cluster.network.counts };
}

function disturbMuch({ network }: NetworkCluster, round: number): void {
  if (round === 50) network.faults.cutOneWay(1, 2);
  if (round === 80) network.healAll();
  if (round === 120) network.faults.silence(3);
  if (round === 200) network.healAll();
  if (round === 230) network.reset(2, 3);
}

test('one seed gives the same deliveries at the same times', async () => {
  const one = await run({ profile: storm, seed: 5 }, disturbMuch);
  expect(await run({ profile: storm, seed: 5 }, disturbMuch)).toEqual(one);
  expect((await run({ profile: storm, seed: 6 }, disturbMuch)).hash).not.toBe(one.hash);
});

test('the codec changes nothing but what the messages are made of', async () => {
  const byReference = await run({ profile: storm, seed: 5 }, disturbMuch);
  expect(await run({ profile: { ...storm, throughCodec: true }, seed: 5 }, disturbMuch)).toEqual(byReference);
});

test('what is drawn for one link does not depend on faults of the others', async () => {
  const calm = await run({ profile: storm, seed: 5 });
  const disturbed = await run({ profile: storm, seed: 5 }, ({ network }, round) => {
    if (round === 50) network.faults.cut(1, 2);
    if (round === 100) network.faults.slow(3, 1, { delayMs: 20, bytesPerMs: 100 });
  });
  expect(disturbed.hash).not.toBe(calm.hash);
  const from3To2 = ({ arrivals }: typeof calm) => arrivals[1]?.filter(({ from }) => from === 3);
  expect(from3To2(disturbed)).toEqual(from3To2(calm));
});

test('without datagrams all that arrives over one connection arrives in order and once, whatever the jitter', async () => {
  const { arrivals, counts } = await run({ profile: { jitterMs: 30 }, seed: 9 }, disturbMuch);
  for (const received of arrivals) {
    for (const sender of [1, 2, 3]) {
      const numbers = received.flatMap(({ from, number }) => (from === sender ? [number] : []));
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    }
  }
  expect(counts.sent).toBe(counts.delivered + counts.lost);
});

test('who watches hears of every message that leaves and of every one that is handed over', async () => {
  const heard: string[] = [];
  const note =
    (what: string) =>
    (from: MemberId, to: MemberId, { kind }: { kind: string }) =>
      void heard.push(`${what} ${from} ${to} ${kind}`);
  const cluster = await NetworkCluster.started({ watch: { onSend: note('sent'), onDeliver: note('got') } });
  cluster.host(1).transport.send(2, [numbered(1), numbered(2)]);
  expect(heard).toEqual(['sent 1 2 read-index', 'sent 1 2 read-index']);
  await cluster.pass(10);
  expect(heard.slice(2)).toEqual(['got 1 2 read-index', 'got 1 2 read-index']);
  cluster.network.faults.cut(1, 2);
  cluster.send(1, 2, 3);
  expect(heard).toHaveLength(4);
});

test('through the codec a receiver shares no bytes with the sender', async () => {
  const cluster = await NetworkCluster.started({ profile: { throughCodec: true } });
  const before = encodeFrames(sampleMessages);
  cluster.host(1).transport.send(2, sampleMessages);
  await cluster.pass(10);
  const arrived = cluster.host(2).received.map(({ message }) => message);
  expect(arrived).toEqual(sampleMessages);
  for (const { message } of arrived) if (message.kind === 'propose') for (const payload of message.payloads) payload.fill(7);
  expect(Buffer.compare(encodeFrames(sampleMessages), before)).toBe(0);
});
