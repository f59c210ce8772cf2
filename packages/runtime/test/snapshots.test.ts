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

  test('a crash between storing a snapshot and beginning the log behind it does no harm', async () => {
    const { cluster, leader, away } = await startedWith(100);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    const { snapshots } = cluster.slot(away);
    const complete = snapshots.complete.bind(snapshots);
    let isStored = false;
    snapshots.complete = async (group, snapshot) => {
      const intact = await complete(group, snapshot);
      isStored = true;
      // The machine stops right here: nothing that it would write from now on reaches its disk.
      return new Promise(() => intact);
    };
    await cluster.start(away);
    await cluster.time.until('the snapshot is stored', () => isStored);
    cluster.crash(away);
    snapshots.complete = complete;
    await cluster.start(away);
    await cluster.settled(cluster.group(leader).execute(add(101)));
    await cluster.time.until(
      'it goes on from there',
      () => cluster.group(away).status().appliedIndex === cluster.group(leader).status().lastIndex,
    );
    expect((await cluster.settled(cluster.group(away).query('all', null))).result).toEqual(numbers(101));
  });

  test('a transfer whose snapshot is gone begins again with the newest', async () => {
    const { cluster, leader, away } = await startedWith(200);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    let chunks = 0;
    cluster.lose = (_from, _to, { kind }) => kind === 'snapshot-chunk' && ++chunks < 0;
    await cluster.start(away);
    await cluster.time.until('some parts are there', () => chunks >= 2);
    const { snapshots } = cluster.slot(leader);
    const read = snapshots.read.bind(snapshots);
    const gone = (await snapshots.newest(1))?.id;
    snapshots.read = async (group, id, offset, bytesMax) => (id === gone ? null : read(group, id, offset, bytesMax));
    await cluster.settled(cluster.group(leader).execute(add(201)));
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.time.until(
      'it has everything',
      () => cluster.group(away).status().appliedIndex === cluster.group(leader).status().lastIndex,
    );
  });

  test('a member whose snapshot is gone does not start with half of its state', async () => {
    const { cluster, leader } = await startedWith(50);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.time.pass(100);
    cluster.crash(leader);
    cluster.slot(leader).snapshots.newest = async () => null;
    await expect(cluster.start(leader)).rejects.toMatchObject({ code: 'snapshot_missing' });
  });

  test('a member without a store for a snapshot says so and stops', async () => {
    const { cluster, leader, away } = await startedWith(50);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    let reason: unknown;
    const host = await cluster.start(away, null);
    host.onFailure((failure) => {
      reason = failure;
    });
    await cluster.time.until('it stops', () => reason !== undefined);
    expect(reason).toMatchObject({ code: 'no_snapshot_store' });
  });
});
