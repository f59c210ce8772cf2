import type { MemberId } from '@flotilla/core';
import { tokens } from '@flotilla/runtime';
import { type SnapshotPolicy, snapshotFailed, snapshotNoRoom } from '@flotilla/snapshot';
import { MachineError } from '@flotilla/state-machine';
import { type RoomWatch, type StorageRoom, viewClosed } from '@flotilla/storage';
import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const add = (input: number) => ({ type: 'add', input });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function clusterWith(snapshot: SnapshotPolicy, modules: (member: MemberId) => readonly ContainerModule[] = () => []) {
  const cluster = new VirtualCluster({ machine: () => new AddingMachine(), raft: { trailingEntries: 10 }, snapshot, modules });
  await cluster.startAll();
  const leader = await cluster.elect();
  return { cluster, leader };
}

function entriesOnDisk(cluster: VirtualCluster, member: MemberId): number {
  return cluster.slot(member).disk.log(1).entries.length;
}

async function addAll(cluster: VirtualCluster, member: MemberId, from: number, to: number): Promise<void> {
  for (let i = from; i <= to; i++) await cluster.settled(cluster.group(member).execute(add(i)));
  await cluster.time.until('everybody has applied it', () => {
    const { lastIndex } = cluster.group(member).status();
    return cluster.running.every((id) => cluster.group(id).status().appliedIndex === lastIndex);
  });
}

describe('a member stores its state by itself', () => {
  test('after so many entries, so that its log stays short, and starts again from there', async () => {
    const { cluster, leader } = await clusterWith({ entries: 50 });
    let longest = 0;
    for (let i = 1; i <= 400; i += 20) {
      await addAll(cluster, leader, i, i + 19);
      longest = Math.max(longest, ...cluster.running.map((id) => entriesOnDisk(cluster, id)));
    }
    expect(longest).toBeGreaterThan(40);
    expect(longest).toBeLessThan(50 + 10 + 20);
    for (const id of cluster.running) cluster.crash(id);
    await cluster.startAll();
    const next = await cluster.elect();
    expect((await cluster.settled(cluster.group(next).query('all', null))).result).toEqual(numbers(400));
  });

  test('after so many bytes', async () => {
    const { cluster, leader } = await clusterWith({ bytes: 5000 });
    await addAll(cluster, leader, 1, 200);
    for (const { snapshots } of cluster.slots) expect((await snapshots.newest(1))?.index).toBeGreaterThan(100);
  });

  test('after so long, also where nothing more comes', async () => {
    const { cluster, leader } = await clusterWith({ everyMs: 10_000 });
    await addAll(cluster, leader, 1, 5);
    expect(await cluster.slot(leader).snapshots.newest(1)).toBeNull();
    await cluster.time.pass(20_001);
    const { lastIndex } = cluster.group(leader).status();
    for (const { snapshots } of cluster.slots) expect((await snapshots.newest(1))?.index).toBe(lastIndex);
  });

  test('and one that cannot be written stops nobody: it is tried again later', async () => {
    let isUnwritable = true;
    class Buried extends AddingMachine {
      override snapshot(): Uint8Array {
        if (isUnwritable) throw new MachineError('machine_defect', 'the state cannot be written', 'Keep plain data.');
        return super.snapshot();
      }
    }
    const cluster = new VirtualCluster({ machine: () => new Buried(), raft: { trailingEntries: 10 }, snapshot: { entries: 20 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    await addAll(cluster, leader, 1, 50);
    await expect(cluster.group(leader).takeSnapshot()).rejects.toMatchObject({ code: 'machine_defect' });
    expect(cluster.running).toHaveLength(3);
    expect(await cluster.slot(leader).snapshots.newest(1)).toBeNull();
    isUnwritable = false;
    await cluster.time.pass(30_001);
    await addAll(cluster, leader, 51, 60);
    for (const { snapshots } of cluster.slots) expect((await snapshots.newest(1))?.index).toBeGreaterThan(50);
  });

  test('but not again as soon as it was given one', async () => {
    const { cluster, leader } = await clusterWith({ entries: 20 });
    const away = (leader % 3) + 1;
    cluster.crash(away);
    await addAll(cluster, leader, 1, 99);
    // Also whoever asks for one at that very moment is told to wait.
    const { snapshots } = cluster.slot(away);
    await cluster.start(away);
    const group = cluster.group(away);
    const asked: Promise<unknown>[] = [];
    group.applied$.subscribe(() => asked.push(group.takeSnapshot().catch((error: unknown) => error)));
    let failure: unknown = null;
    cluster.slot(away).host?.onFailure((reason) => {
      failure = reason;
    });
    await cluster.time.until('it has everything', () => group.status().appliedIndex === cluster.group(leader).status().lastIndex);
    await cluster.time.pass(1000);
    expect(failure).toBeNull();
    expect(await asked[0]).toMatchObject({ code: 'nothing_to_snapshot' });
    expect((await snapshots.newest(1))?.index).toBeGreaterThan(80);
  });

  test('one at a time, while it goes on to apply', async () => {
    const { cluster, leader } = await clusterWith({ entries: 20 });
    const { snapshots } = cluster.slot(leader);
    const save = snapshots.save.bind(snapshots);
    let saving = 0;
    let most = 0;
    let finish = () => {};
    snapshots.save = async (group, position, parts) => {
      most = Math.max(most, ++saving);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      saving--;
      return save(group, position, parts);
    };
    await addAll(cluster, leader, 1, 100);
    expect({ saving, most }).toEqual({ saving: 1, most: 1 });
    finish();
    await cluster.time.until('it is stored', () => entriesOnDisk(cluster, leader) < 100);
    // It is of when it was begun, and what came since is in the log.
    expect((await snapshots.newest(1))?.index).toBeLessThan(30);
  });
});

describe('a snapshot that cannot be stored', () => {
  test.each([
    ['for want of room', snapshotNoRoom(null)],
    ['because the view of the state got too old', viewClosed()],
  ])('%s is tried again later, and the member goes on', async (_, error) => {
    const { cluster, leader } = await clusterWith({ entries: 20 });
    const { snapshots } = cluster.slot(leader);
    const save = snapshots.save.bind(snapshots);
    let refused = 0;
    snapshots.save = async () => {
      refused++;
      throw error;
    };
    await addAll(cluster, leader, 1, 100);
    expect(refused).toBe(1);
    snapshots.save = save;
    await cluster.time.pass(30_001);
    await addAll(cluster, leader, 101, 102);
    expect((await snapshots.newest(1))?.index).toBeGreaterThan(100);
  });

  test('is given up where the room runs out meanwhile', async () => {
    const rooms = new Map<MemberId, { room: StorageRoom }>();
    const { cluster, leader } = await clusterWith({ entries: 20 }, (member) => {
      const room: RoomWatch & { room: StorageRoom } = { room: 'ample', onChange() {} };
      rooms.set(member, room);
      return [new ContainerModule(({ bind }) => void bind(tokens.roomWatch).toConstantValue(room))];
    });
    const { snapshots } = cluster.slot(leader);
    const save = snapshots.save.bind(snapshots);
    let failure: unknown = null;
    snapshots.save = async (...args) => {
      for (const room of rooms.values()) room.room = 'exhausted';
      return save(...args).catch((error: unknown) => {
        failure = error;
        throw error;
      });
    };
    for (let i = 1; i <= 25; i++)
      cluster
        .group(leader)
        .execute(add(i))
        .catch(() => {});
    await cluster.time.until('it is given up', () => failure !== null);
    expect(failure).toMatchObject({ code: 'snapshot_no_room' });
    await cluster.time.pass(1000);
    expect(await snapshots.newest(1)).toBeNull();
    // Whoever asks for one may use the last room for it.
    snapshots.save = save;
    expect((await cluster.settled(cluster.group(leader).takeSnapshot())).index).toBeGreaterThan(20);
  });

  test('because the disk fails ends the host', async () => {
    const { cluster, leader } = await clusterWith({ entries: 20 });
    cluster.slot(leader).snapshots.save = async () => {
      throw snapshotFailed(new Error('input/output error'));
    };
    let reason: unknown;
    cluster.slot(leader).host?.onFailure((failure) => {
      reason = failure;
    });
    for (let i = 0; i < 30; i++)
      cluster
        .group(leader)
        .execute(add(i))
        .catch(() => {});
    await cluster.time.until('it stops', () => reason !== undefined);
    expect(reason).toMatchObject({ code: 'snapshot_failed' });
  });
});
