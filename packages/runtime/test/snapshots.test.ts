import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });
const raft = { trailingEntries: 5, snapshotChunkBytesMax: 32 };

async function startedWith(count: number) {
  const cluster = new VirtualCluster({ machine, raft });
  await cluster.startAll();
  const leader = await cluster.elect();
  const away = (leader % 3) + 1;
  cluster.crash(away);
  for (let i = 1; i <= count; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
  return { cluster, leader, away };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('snapshots', () => {
  test('a member that needs compacted entries gets the state instead, and goes on from there', async () => {
    const { cluster, leader, away } = await startedWith(100);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.settled(cluster.group(leader).execute(add(101)));
    await cluster.start(away);
    await cluster.time.until(
      'it has everything',
      () => cluster.group(away).status().appliedIndex === cluster.group(leader).status().lastIndex,
    );
    expect((await cluster.settled(cluster.group(away).query('all', null))).result).toEqual(numbers(101));
    // What the skipped entries caused is not known there, and the journal says so.
    expect(cluster.group(away).journalStart()).toBe(cluster.group(leader).status().lastIndex);
  });

  test('a transfer that loses messages and takes longer than an election timeout arrives, without an election', async () => {
    const { cluster, leader, away } = await startedWith(200);
    const { index } = await cluster.settled(cluster.group(leader).takeSnapshot());
    const { term } = cluster.group(leader).status();
    let chunks = 0;
    cluster.lose = (_from, _to, { kind }) => kind === 'snapshot-chunk' && ++chunks % 2 === 0;
    await cluster.start(away);
    const began = cluster.time.now();
    await cluster.time.until('it has everything', () => cluster.group(away).status().appliedIndex >= index);
    expect(cluster.time.now() - began).toBeGreaterThan(1000);
    expect(cluster.group(leader).status()).toMatchObject({ role: 'leader', term });
  });

  test('a restart goes on from the snapshot and the rest of the log', async () => {
    const { cluster, leader, away } = await startedWith(50);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.settled(cluster.group(leader).execute(add(51)));
    await cluster.start(away);
    for (const id of cluster.running) cluster.crash(id);
    await cluster.startAll();
    await cluster.elect();
    for (const id of cluster.running) {
      expect((await cluster.settled(cluster.group(id).query('all', null))).result).toEqual(numbers(51));
    }
  });
});
