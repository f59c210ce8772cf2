import type { HostLimits } from '@flotilla/runtime';
import { snapshotDamaged } from '@flotilla/snapshot';
import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });
const raft = { trailingEntries: 5, snapshotChunkBytesMax: 32 };

async function startedWith(count: number, also: { readonly trailingEntries?: number; readonly limits?: Partial<HostLimits> } = {}) {
  const { trailingEntries = raft.trailingEntries, limits = {} } = also;
  const cluster = new VirtualCluster({ machine, raft: { ...raft, trailingEntries }, limits });
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

  test('a member that stops does not wait for all of a state that it is being given, and takes it at its next start', async () => {
    const { cluster, leader, away } = await startedWith(100);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    const { snapshots } = cluster.slot(away);
    const load = snapshots.load.bind(snapshots);
    let goOn = () => {};
    let asked = 0;
    snapshots.load = async function* (group, id) {
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      for await (const part of load(group, id)) {
        for (let at = 0; at < part.length; at += 50) {
          if (++asked === 2) await held;
          yield part.subarray(at, at + 50);
        }
      }
    };
    await cluster.start(away);
    await cluster.time.until('the machine is being given the state', () => asked === 2);
    const stopped = cluster.slot(away).host?.stop();
    // What is closed before has had its time.
    await cluster.time.pass(100);
    goOn();
    await cluster.settled(stopped ?? Promise.reject(new Error('it does not run')));
    expect(asked).toBe(2);
    cluster.crash(away);
    snapshots.load = load;
    await cluster.start(away);
    expect(cluster.group(away).status().appliedIndex).toBeGreaterThanOrEqual(100);
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

  test('nothing is applied while the machine is given another state', async () => {
    const { cluster, leader, away } = await startedWith(100);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    const { snapshots } = cluster.slot(away);
    const load = snapshots.load.bind(snapshots);
    let begun = false;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    snapshots.load = async function* (group, id) {
      begun = true;
      await held;
      yield* load(group, id);
    };
    await cluster.start(away);
    await cluster.time.until('it is being restored', () => begun);
    await cluster.settled(cluster.group(leader).execute(add(101)));
    await cluster.time.pass(1000);
    expect(cluster.group(away).status().appliedIndex).toBe(0);
    goOn();
    await cluster.time.until(
      'it has everything',
      () => cluster.group(away).status().appliedIndex === cluster.group(leader).status().lastIndex,
    );
    expect((await cluster.settled(cluster.group(away).query('all', null))).result).toEqual(numbers(101));
  });

  test('a part that is damaged on its way is asked for again', async () => {
    const { cluster, leader, away } = await startedWith(100);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    let damaged = 0;
    cluster.lose = (_from, _to, message) => {
      if (message.kind === 'snapshot-chunk' && message.offset === 64 && damaged < 3) {
        damaged++;
        Object.assign(message, { bytes: message.bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte)) });
      }
      return false;
    };
    await cluster.start(away);
    await cluster.time.until('it has everything', () => cluster.group(away).status().appliedIndex > 100);
    expect(damaged).toBe(3);
    expect((await cluster.settled(cluster.group(away).query('all', null))).result).toEqual(numbers(100));
  });

  test('a transfer keeps to the rate, and the group to its leader', async () => {
    const { cluster, leader, away } = await startedWith(2000, { limits: { snapshotBytesPerSecondMax: 2048 } });
    const { size } = await cluster.settled(cluster.group(leader).takeSnapshot());
    const { term } = cluster.group(leader).status();
    await cluster.start(away);
    const began = cluster.time.now();
    await cluster.time.until('it has everything', () => cluster.group(away).status().appliedIndex > 2000);
    const seconds = (cluster.time.now() - began) / 1000;
    expect(size / seconds).toBeLessThan(2200);
    expect(size / seconds).toBeGreaterThan(1000);
    expect(cluster.group(leader).status()).toMatchObject({ role: 'leader', term });
  });

  test('one that turns out to be damaged when it is needed is stored again', async () => {
    const { cluster, leader, away } = await startedWith(100);
    const { id } = await cluster.settled(cluster.group(leader).takeSnapshot());
    const { snapshots } = cluster.slot(leader);
    const [read, save] = [snapshots.read.bind(snapshots), snapshots.save.bind(snapshots)];
    let isDamaged = true;
    snapshots.read = async (group, wanted, offset, bytesMax) => (isDamaged && wanted === id ? null : read(group, wanted, offset, bytesMax));
    snapshots.save = async (...args) => {
      isDamaged = false;
      return save(...args);
    };
    await cluster.start(away);
    await cluster.time.until('it has everything', () => cluster.group(away).status().appliedIndex > 100);
    expect((await cluster.settled(cluster.group(away).query('all', null))).result).toEqual(numbers(100));
  });

  describe('where the newest one is damaged', () => {
    /** A member that was stopped, with snapshots of two moments, the newer of which is damaged. */
    async function withDamagedNewest(trailingEntries: number) {
      const { cluster, leader, away } = await startedWith(50, { trailingEntries });
      const older = await cluster.settled(cluster.group(leader).takeSnapshot());
      // A transfer under way would keep the log from being compacted.
      await cluster.start(away);
      await cluster.time.until('nobody is late', () => cluster.group(away).status().appliedIndex > 50);
      for (let i = 51; i <= 100; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
      const { index } = await cluster.settled(cluster.group(leader).takeSnapshot());
      await cluster.time.pass(100);
      cluster.crash(leader);
      const { snapshots } = cluster.slot(leader);
      const [newest, load] = [snapshots.newest.bind(snapshots), snapshots.load.bind(snapshots)];
      let isKnown = false;
      snapshots.newest = async (group) => (isKnown ? older : newest(group));
      snapshots.load = async function* (group, id) {
        if (id === older.id) return yield* load(group, id);
        isKnown = true;
        throw snapshotDamaged(group, id, 'its checksum does not hold');
      };
      return { cluster, leader, index };
    }

    test('an older one takes its place, if the log goes on from there', async () => {
      const { cluster, leader, index } = await withDamagedNewest(1000);
      await cluster.start(leader);
      await cluster.time.until('it has everything', () => cluster.group(leader).status().appliedIndex >= index);
      expect((await cluster.settled(cluster.group(leader).query('all', null, { consistency: 'stale' }))).result).toEqual(numbers(100));
    });

    test('the member does not start otherwise, and says what to do', async () => {
      const { cluster, leader } = await withDamagedNewest(5);
      await expect(cluster.start(leader)).rejects.toMatchObject({ code: 'snapshot_damaged', hint: expect.stringContaining('Remove') });
    });
  });

  test('a state of no bytes at all is installed like any other', async () => {
    let restores = 0;
    class Nothing extends AddingMachine {
      override snapshot = () => new Uint8Array(0);
      override restore = (snapshot: Uint8Array) => {
        if (snapshot.length === 0) restores++;
      };
    }
    const cluster = new VirtualCluster({ machine: () => new Nothing(), raft });
    await cluster.startAll();
    const leader = await cluster.elect();
    const away = (leader % 3) + 1;
    cluster.crash(away);
    for (let i = 1; i <= 50; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
    const { index } = await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.start(away);
    await cluster.time.until('it has the state', () => cluster.group(away).status().appliedIndex >= index);
    expect(restores).toBe(1);
  });

  test.each([2, 7])('one of version %i of the machine is refused by version 1', async (version) => {
    const { cluster, leader, away } = await startedWith(50);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    cluster.lose = (_from, _to, message) => {
      if (message.kind === 'snapshot-chunk')
        Object.assign(message, { snapshot: { ...message.snapshot, machine: { name: 'adding', version } } });
      return false;
    };
    let reason: unknown;
    const host = await cluster.start(away);
    host.onFailure((failure) => {
      reason = failure;
    });
    await cluster.time.until('it stops', () => reason !== undefined);
    expect(reason).toMatchObject({ code: 'machine_version_unsupported', hint: expect.stringContaining(`version ${version}`) });
  });
});
