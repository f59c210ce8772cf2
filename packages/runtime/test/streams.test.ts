import type { EventBatch } from '@flotilla/runtime';
import { config as rxjs } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const add = (input: number) => ({ type: 'add', input });

let cluster: VirtualCluster;
let unhandled: typeof rxjs.onUnhandledError;

beforeEach(async () => {
  unhandled = rxjs.onUnhandledError;
  cluster = new VirtualCluster({ machine: () => new AddingMachine() });
  await cluster.startAll();
  await cluster.elect();
});

afterEach(() => {
  rxjs.onUnhandledError = unhandled;
});

/** Collects a member's events from `from` on in the background. */
function follow(member: number, from: number) {
  const abort = new AbortController();
  const batches: EventBatch[] = [];
  const done = (async () => {
    for await (const batch of cluster.group(member).events({ from, signal: abort.signal })) batches.push(batch);
  })();
  const stop = () => {
    abort.abort();
    return done;
  };
  return { batches, done, stop, values: () => batches.flatMap(({ events }) => events.map(({ data }) => data)) };
}

test('events come from the journal first and then as they are applied, on every member, without gap or repetition', async () => {
  for (let i = 1; i <= 5; i++) await cluster.settled(cluster.group(1).execute(add(i)));
  const followers = cluster.running.map((id) => follow(id, 1));
  for (let i = 6; i <= 10; i++) await cluster.settled(cluster.group(1).execute(add(i)));
  await cluster.time.until('everybody has seen everything', () => followers.every(({ batches }) => batches.length === 10));
  for (const { values, batches, stop } of followers) {
    await stop();
    expect(values()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(batches.map(({ index }) => index)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  }
});

test('a stream can be resumed at any index, also after a restart of the member', async () => {
  for (let i = 1; i <= 6; i++) await cluster.settled(cluster.group(2).execute(add(i)));
  await cluster.time.until('member 3 has applied everything', () => cluster.group(3).status().appliedIndex === 7);
  cluster.crash(3);
  await cluster.start(3);
  await cluster.elect();
  const resumed = follow(3, 5);
  await cluster.settled(cluster.group(3).execute(add(7)));
  await cluster.time.until('the new event is there', () => resumed.values().includes(7));
  await resumed.stop();
  expect(resumed.values()).toEqual([4, 5, 6, 7]);
});

test('commands that are refused and entries without events leave nothing in the stream', async () => {
  await cluster.settled(cluster.group(1).execute({ type: 'refuse', input: 'why' }));
  await cluster.settled(cluster.group(1).execute(add(1)));
  const { batches, stop } = follow(1, 1);
  await cluster.time.until('the event is there', () => batches.length > 0);
  await stop();
  expect(batches).toHaveLength(1);
});

test('a stream ends when its member stops', async () => {
  const { stop, batches } = follow(2, 1);
  const ended = stop();
  await cluster.settled(ended);
  const another = follow(2, 1);
  await cluster.settled(cluster.slot(2).host?.stop() ?? Promise.resolve());
  await cluster.settled(another.done);
  expect(batches).toEqual([]);
});

test('a subscriber that throws stops nothing and is reported', async () => {
  const reported: unknown[] = [];
  rxjs.onUnhandledError = (error) => reported.push(error);
  const group = cluster.group(1);
  const applied: number[] = [];
  group.events$.subscribe(() => {
    throw new Error('a careless subscriber');
  });
  group.applied$.subscribe((index) => applied.push(index));
  for (let i = 1; i <= 3; i++) await cluster.settled(group.execute(add(i)));
  expect(applied.at(-1)).toBe(4);
  await vi.waitFor(() => expect(reported).toHaveLength(3));
});

test('roles$ tells the present role at once and every change', async () => {
  const leader = cluster.leader() ?? 0;
  const other = cluster.running.find((id) => id !== leader) ?? 0;
  const seen: string[] = [];
  cluster.group(other).roles$.subscribe(({ role, leader: led, term }) => seen.push(`${role} of ${led} in ${term}`));
  const { term } = cluster.group(other).status();
  expect(seen).toEqual([`follower of ${leader} in ${term}`]);
  cluster.crash(leader);
  await cluster.time.until('there is another leader', () => cluster.leader() !== null && cluster.leader() !== leader);
  expect(seen.length).toBeGreaterThan(1);
});

test('raft$ shows inputs and events of the member itself', async () => {
  const kinds = new Set<string>();
  cluster.group(cluster.leader() ?? 0).raft$.subscribe(({ input, events }) => {
    kinds.add(`input ${input.kind}`);
    for (const { kind } of events) kinds.add(kind);
  });
  await cluster.settled(cluster.group(cluster.leader() ?? 0).execute(add(1)));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['input proposed', 'entries-appended', 'input persisted', 'commit-advanced', 'apply-advanced']),
  );
});
