import { samplesByKind } from '@flotilla/transport/testing';
import { describe, expect, test } from 'vitest';
import { NetworkCluster } from './network-cluster.ts';

const troubled = { datagrams: true, loss: 0.1, duplication: 0.1, reordering: 0.1 };
const count = 1_000;

async function sendMany(cluster: NetworkCluster): Promise<void> {
  for (let id = 0; id < count; id++) {
    cluster.send(1, 2, id);
    await cluster.pass(0.5);
  }
  await cluster.pass(1_000);
}

describe('a network of datagrams', () => {
  test.each([false, true])('loses, repeats and reorders single messages (codec: %s)', async (throughCodec) => {
    const cluster = await NetworkCluster.started({ profile: { ...troubled, throughCodec } });
    await sendMany(cluster);
    const { sent, delivered, lost, duplicated, reordered, resets } = cluster.network.counts;
    const ids = cluster.ids(2, 1);
    expect({ sent, resets }).toEqual({ sent: count, resets: 0 });
    expect(delivered).toBe(ids.length);
    expect(sent + duplicated).toBe(delivered + lost);
    for (const number of [lost, duplicated, reordered]) expect(number).toBeGreaterThan(50);
    expect(new Set(ids).size).toBe(count - lost);
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b));
  });

  test('one link may have chances of its own', async () => {
    const cluster = await NetworkCluster.started({ profile: { datagrams: true } });
    const undo = cluster.network.faults.lossy(1, 2, { loss: 1 });
    expect(cluster.send(1, 2, 1)).toBe(true);
    expect(cluster.send(2, 1, 1)).toBe(true);
    expect(cluster.send(1, 3, 1)).toBe(true);
    await cluster.pass(100);
    expect([cluster.ids(2, 1), cluster.ids(1, 2), cluster.ids(3, 1)]).toEqual([[], [1], [1]]);
    undo();
    expect(await cluster.reaches(1, 2)).toBe(true);
  });

  test('forwarded commands never come twice', async () => {
    const cluster = await NetworkCluster.started({ profile: { datagrams: true, duplication: 1 } });
    const [propose] = samplesByKind.propose;
    const [heartbeat] = samplesByKind.heartbeat;
    cluster.host(1).transport.send(
      2,
      [propose, heartbeat].flatMap((message) => (message ? [{ group: 1, message }] : [])),
    );
    await cluster.pass(1_000);
    expect(cluster.host(2).received.map(({ message }) => message.message.kind)).toEqual(['propose', 'heartbeat', 'heartbeat']);
  });
});
