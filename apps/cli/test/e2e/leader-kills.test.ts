import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProcessCluster, until } from './process-cluster.ts';

const clients = 16;
const keys = 10_000;
const kills = 3;

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create();
  await cluster.startAll();
});

afterAll(() => cluster.destroy());

test('every acknowledged write survives three kill -9 of the leader, and of everybody', { timeout: 240_000 }, async () => {
  const acknowledged = new Map<string, string>();
  const pending = Array.from({ length: keys }, (_, i) => i);
  let finished = 0;

  const client = async (seat: number) => {
    let member = (seat % 3) + 1;
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      const key = `key-${i}`;
      const value = `${seat}:${i}`;
      // A put of the same value may be repeated: whether an unclear one landed makes no difference.
      while (!(await put(member, key, value))) member = (member % 3) + 1;
      acknowledged.set(key, value);
      finished++;
    }
  };

  const killer = async () => {
    for (let kill = 1; kill <= kills; kill++) {
      await until(`${kill} of ${kills + 1} parts are written`, async () => finished >= (kill * keys) / (kills + 1));
      const leader = await cluster.leader();
      await cluster.kill(leader);
      await until('there is another leader', async () => (await cluster.leader()) !== leader);
      await cluster.start(leader);
    }
  };

  await Promise.all([killer(), ...Array.from({ length: clients }, (_, seat) => client(seat))]);
  expect(acknowledged.size).toBe(keys);
  await expectEverywhere(acknowledged);

  await cluster.killAll();
  await cluster.startAll();
  await cluster.leader();
  await expectEverywhere(acknowledged);
});

async function put(member: number, key: string, value: string): Promise<boolean> {
  try {
    const response = await fetch(cluster.url(member, `/v1/kv/${key}`), { method: 'PUT', body: value, signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Reads every key from every member, linearizably. */
async function expectEverywhere(expected: ReadonlyMap<string, string>): Promise<void> {
  for (const { id } of cluster.members) {
    const found = new Map<string, string>();
    let after = '';
    for (;;) {
      const response = await fetch(cluster.url(id, `/v1/kv?limit=1000&after=${encodeURIComponent(after)}`));
      expect(response.status).toBe(200);
      const page = (await response.json()) as { entries: { key: string; value: string }[]; next: string | null };
      for (const { key, value } of page.entries) found.set(key, value);
      if (page.next === null || page.next === undefined) break;
      after = page.next;
    }
    const wrong = [...expected].filter(([key, value]) => found.get(key) !== value);
    expect(wrong, `member ${id} lacks or garbles writes that it acknowledged`).toEqual([]);
  }
}
