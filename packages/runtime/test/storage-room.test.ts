import type { MemberId } from '@flotilla/core';
import { tokens } from '@flotilla/runtime';
import type { RoomWatch, StorageRoom } from '@flotilla/storage';
import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

class Room implements RoomWatch {
  room: StorageRoom = 'ample';
  readonly #listeners: ((room: StorageRoom) => void)[] = [];

  onChange(listener: (room: StorageRoom) => void): void {
    this.#listeners.push(listener);
  }

  becomes(room: StorageRoom): void {
    this.room = room;
    for (const listener of this.#listeners) listener(room);
  }
}

async function setUp() {
  const rooms = new Map([1, 2, 3].map((id) => [id, new Room()]));
  const room = (id: MemberId) => rooms.get(id) as Room;
  const modules = (id: MemberId) => [new ContainerModule(({ bind }) => void bind(tokens.roomWatch).toConstantValue(room(id)))];
  const cluster = new VirtualCluster({ machine, modules });
  return { cluster, room };
}

const full = { code: 'storage_full', outcome: 'not-applied' };

describe('where a disk is full', () => {
  test('its leader hands over, and the group goes on taking commands', async () => {
    const { cluster, room } = await setUp();
    await cluster.startAll();
    const leader = await cluster.elect();
    room(leader).becomes('exhausted');
    await expect(cluster.settled(cluster.group(leader).execute(add(1)))).rejects.toMatchObject(full);
    await cluster.time.until('another one leads', () => cluster.leader() !== leader);
    const next = await cluster.elect();
    await cluster.settled(cluster.group(next).execute(add(2)));
    // It follows, without taking anything in, until there is room.
    const { lastIndex, term } = cluster.group(next).status();
    await cluster.time.pass(10_000);
    expect(cluster.group(leader).status()).toMatchObject({ role: 'follower', leader: next, term });
    expect(cluster.group(leader).status().lastIndex).toBeLessThan(lastIndex);
    room(leader).becomes('scarce');
    await cluster.time.until('it has caught up', () => cluster.group(leader).status().appliedIndex === lastIndex);
  });

  test('everywhere, nothing is taken, and reads and elections go on', async () => {
    const { cluster, room } = await setUp();
    for (const id of [1, 2, 3]) room(id).room = 'exhausted';
    await cluster.startAll();
    const first = await cluster.elect();
    const change = { add: [{ peerAddress: 'p9', clientAddress: 'c9', role: 'learner' as const }] };
    await cluster.time.pass(1000);
    await expect(cluster.settled(cluster.group(first).execute(add(1)))).rejects.toMatchObject(full);
    await expect(cluster.settled(cluster.group(first).changeMembership(change))).rejects.toMatchObject(full);
    for (const id of [1, 2, 3]) room(id).becomes('ample');
    await cluster.settled(cluster.group(first).execute(add(2)));
    for (const id of [1, 2, 3]) room(id).becomes('exhausted');
    await cluster.time.until('somebody else leads, with no more room', () => cluster.leader() !== first);
    const second = await cluster.elect();
    const { result } = await cluster.settled(cluster.group(second).query('all', null));
    expect(result).toEqual([2]);
    await expect(cluster.settled(cluster.group(second).execute(add(3)))).rejects.toMatchObject(full);
  });

  test('that is free again before the member has heard that it is full, it takes commands', async () => {
    const { cluster, room } = await setUp();
    await cluster.startAll();
    const leader = await cluster.elect();
    for (const now of ['exhausted', 'scarce', 'exhausted', 'ample'] as const) room(leader).becomes(now);
    await cluster.time.pass(1000);
    await cluster.settled(cluster.group(await cluster.elect()).execute(add(1)));
    await cluster.time.until('all have it', () => [1, 2, 3].every((id) => cluster.group(id).status().appliedIndex > 1));
  });
});
