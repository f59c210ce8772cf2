import { setTimeout as delay } from 'node:timers/promises';
import type { GroupStatus } from '@flotilla/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessCluster, until } from './process-cluster.ts';

/** Time enough for an election, in milliseconds: the course's `RaftElectionTimeout`. */
const electionMs = 1500;

const options = { timeout: 120_000 };

let cluster: ProcessCluster;
/** Members whose processes stand still: nobody hears of them, and they of nobody, as behind a broken network. */
const disconnected = new Set<number>();

beforeEach(async () => {
  cluster = await ProcessCluster.create();
  await cluster.startAll();
});

afterEach(async () => {
  disconnected.clear();
  await cluster.destroy();
});

test('InitialElection', options, async () => {
  await checkOneLeader();
  const term = await agreedTerm();
  expect(term).toBeGreaterThan(0);
  await delay(2 * electionMs);
  // A busy machine may lose its leader: that terms are stable, the simulator shows.
  expect(await agreedTerm()).toBeGreaterThanOrEqual(term);
  await checkOneLeader();
});

test('ReElection', options, async () => {
  const first = await checkOneLeader();
  disconnect(first);
  const second = await checkOneLeader();
  expect(second).not.toBe(first);
  connect(first);
  const third = await checkOneLeader();
  const other = next(third);
  disconnect(third, other);
  await delay(2 * electionMs);
  expect((await statuses()).filter(({ role }) => role === 'leader')).toEqual([]);
  connect(other);
  await checkOneLeader();
  connect(third);
  await checkOneLeader();
});

test('BasicAgree', options, async () => {
  await checkOneLeader();
  const first = await one('1');
  expect(await one('2')).toBe(first + 1);
  expect(await one('3')).toBe(first + 2);
});

test('LeaderFailure', options, async () => {
  await one('1');
  disconnect(await checkOneLeader());
  await one('2');
  await delay(electionMs);
  const committed = await one('3');
  const last = await checkOneLeader();
  disconnect(last);
  await Promise.all(cluster.members.map(({ id }) => put(id, '4', 1000)));
  await delay(2 * electionMs);
  expect((await statuses()).map(({ appliedIndex }) => appliedIndex)).toEqual([committed]);
});

test('Persist1', options, async () => {
  await one('11');
  await cluster.killAll();
  await cluster.startAll();
  await one('12');
  await restart(await checkOneLeader());
  await one('13');
  const leader = await checkOneLeader();
  disconnect(leader);
  await one('14');
  await restart(leader);
  await one('15');
  const follower = next(await checkOneLeader());
  disconnect(follower);
  await one('16');
  await restart(follower);
  await one('17');
  for (const { id } of cluster.members) {
    for (const value of ['11', '12', '13', '14', '15', '16', '17']) {
      const response = await fetch(cluster.url(id, `/v1/kv/${value}`));
      expect(await response.text()).toBe(value);
    }
  }
});

function next(id: number): number {
  return (id % cluster.members.length) + 1;
}

function disconnect(...ids: readonly number[]): void {
  for (const id of ids) {
    cluster.member(id).child?.kill('SIGSTOP');
    disconnected.add(id);
  }
}

function connect(...ids: readonly number[]): void {
  for (const id of ids) {
    cluster.member(id).child?.kill('SIGCONT');
    disconnected.delete(id);
  }
}

async function restart(id: number): Promise<void> {
  await cluster.kill(id);
  disconnected.delete(id);
  await cluster.start(id);
}

/** What the connected members know. */
async function statuses(): Promise<readonly GroupStatus[]> {
  const present = cluster.members.filter(({ id }) => !disconnected.has(id));
  return (await Promise.all(present.map(({ id }) => cluster.status(id)))).filter((status) => status !== null);
}

/** The member that leads all connected ones; no two of them lead in one term. */
async function checkOneLeader(): Promise<number> {
  let leader = 0;
  await until('one member leads', async () => {
    const seen = await statuses();
    const leading = seen.filter(({ role }) => role === 'leader');
    expect(new Set(leading.map(({ term }) => term)).size).toBe(leading.length);
    leader = leading.find(({ term }) => seen.every((other) => other.term <= term))?.member ?? 0;
    return leader !== 0 && seen.every((status) => status.leader === leader);
  });
  return leader;
}

async function agreedTerm(): Promise<number> {
  let terms: readonly number[] = [];
  await until('the members agree on the term', async () => {
    terms = [...new Set((await statuses()).map(({ term }) => term))];
    return terms.length === 1;
  });
  return terms[0] ?? 0;
}

/** Writes `value` under itself with whichever member takes it, waits until all connected ones have applied it, and returns its index. */
async function one(value: string): Promise<number> {
  let index: number | null = null;
  await until(`${value} is written`, async () => {
    index = await put(await checkOneLeader(), value);
    return index !== null;
  });
  await until(`${value} is applied by all`, async () => (await statuses()).every(({ appliedIndex }) => appliedIndex >= (index ?? 0)));
  return index as unknown as number;
}

/** The index of the write; null where it failed, or its outcome is unknown. */
async function put(id: number, value: string, timeoutMs = 5000): Promise<number | null> {
  try {
    const response = await fetch(cluster.url(id, `/v1/kv/${value}`), {
      method: 'PUT',
      body: value,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { revision } = (await response.json()) as { revision?: number };
    return response.ok ? (revision ?? null) : null;
  } catch {
    return null;
  }
}
