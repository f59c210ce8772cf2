import { type EffectContext, EffectFailed } from '@flotilla/state-machine';
import { describe, expect, test } from 'vitest';
import { fakeCluster } from './fake-cluster.ts';

const done = async () => 'sent';

describe('an effect', () => {
  test('is carried out by the leader alone, and acknowledged', async () => {
    const ran: [number, unknown, string][] = [];
    const handlers = (member: number) => ({
      mail: (data: unknown, { id }: EffectContext) => {
        ran.push([member, data, id]);
        return 'sent';
      },
    });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers });
    const { index } = await execute((leader % 3) + 1, 'effect', { name: 'mail', then: 'mailed' });
    await cluster.time.pass(1000);
    expect(ran).toEqual([[leader, { name: 'mail', then: 'mailed' }, `${index}`]]);
    expect(await history(leader)).toEqual([`done {"id":"${index}","ok":true,"result":"sent"}`]);
  });

  test('is tried again with growing pauses until it succeeds', async () => {
    const at: number[] = [];
    const handlers = () => ({
      mail: async () => {
        at.push(cluster.time.now());
        if (at.length < 5) throw new Error('the post office is closed');
      },
    });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers });
    await execute(leader, 'effect', { name: 'mail', then: null });
    await cluster.time.pass(10_000);
    expect(at).toHaveLength(5);
    const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(pauses.map((ms, i) => ms >= 125 * 2 ** i && ms <= 250 * 2 ** i)).toEqual([true, true, true, true]);
    expect(await history(leader)).toEqual(['done']);
  });

  test('that fails for good is not tried again, and its command hears of it', async () => {
    const handlers = () => ({
      mail: async () => {
        throw new EffectFailed('no such address');
      },
    });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers });
    const { index } = await execute(leader, 'effect', { name: 'mail', then: 'mailed' });
    await cluster.time.pass(100);
    expect(await history(leader)).toEqual([`done {"id":"${index}","ok":false,"reason":"no such address"}`]);
  });

  test('whose result its command does not take has failed', async () => {
    const { cluster, leader, history, execute } = await fakeCluster({ handlers: () => ({ mail: done }) });
    await execute(leader, 'effect', { name: 'mail', then: 'picky' });
    await cluster.time.pass(100);
    expect(await history(leader)).toEqual([expect.stringContaining('only failures, please')]);
  });

  test('whose result is too large for the log has failed', async () => {
    const handlers = () => ({ mail: async () => 'x'.repeat(2000) });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers, limits: { payloadBytesMax: 1000 } });
    await execute(leader, 'effect', { name: 'mail', then: 'mailed' });
    await cluster.time.pass(1000);
    expect(await history(leader)).toEqual([expect.stringMatching(/"ok":false,.*the command takes 2\d+ bytes/)]);
  });

  test('without a handler waits, is reported once, and holds no other up', async () => {
    const { cluster, leader, history, execute, lines } = await fakeCluster({ handlers: () => ({ mail: done }) });
    for (let i = 0; i < 40; i++) await execute(leader, 'effect', { name: 'toString', then: null });
    await execute(leader, 'effect', { name: 'mail', then: null });
    await cluster.time.pass(1000);
    expect(await history(leader)).toEqual(['done']);
    expect(lines.filter(({ message }) => message.includes('effects of type "toString"'))).toHaveLength(1);
  });

  test('waits for its turn where too many run already', async () => {
    const running: (() => void)[] = [];
    const handlers = () => ({ mail: () => new Promise<void>((resolve) => running.push(resolve)) });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers });
    for (let i = 0; i < 20; i++) await execute(leader, 'effect', { name: 'mail', then: null });
    await cluster.time.pass(100);
    expect(running).toHaveLength(16);
    for (const end of running) end();
    await cluster.time.pass(100);
    expect(running).toHaveLength(20);
    for (const end of running) end();
    await cluster.time.pass(100);
    expect(await history(leader)).toHaveLength(20);
  });

  test('is not carried out again where its acknowledgement was lost', async () => {
    let ran = 0;
    let post = () => {};
    const posted = new Promise<void>((resolve) => {
      post = resolve;
    });
    const handlers = () => ({
      mail: () => {
        ran++;
        return posted;
      },
    });
    const { cluster, leader, history, execute } = await fakeCluster({ handlers, limits: { pendingCommandsMax: 1 } });
    await execute(leader, 'effect', { name: 'mail', then: null });
    // The queue is full whenever the acknowledgement is to join it.
    cluster.lose = () => true;
    const blocked = cluster.group(leader).execute({ type: 'note', input: 1 }, { timeoutMs: 400 });
    post();
    await expect(cluster.settled(blocked)).rejects.toMatchObject({ code: 'timeout' });
    cluster.lose = () => false;
    await cluster.time.pass(3000);
    expect(ran).toBe(1);
    expect((await history(leader)).filter((line) => line === 'done')).toHaveLength(1);
  });
});

test('an effect that is under way when the leader is lost is carried out and acknowledged by the next one', async () => {
  const tried: number[] = [];
  const aborted: number[] = [];
  const handlers = (member: number) => ({
    mail: (_data: unknown, { signal }: EffectContext) => {
      tried.push(member);
      signal.addEventListener('abort', () => aborted.push(member));
      return tried.length === 1 ? new Promise(() => {}) : 'sent';
    },
  });
  const { cluster, leader, history, execute } = await fakeCluster({ handlers });
  await execute(leader, 'effect', { name: 'mail', then: null });
  await cluster.time.until('it is tried', () => tried.length === 1);
  const target = (leader % 3) + 1;
  await cluster.settled(cluster.group(leader).transferLeadership(target));
  await cluster.time.pass(1000);
  expect(tried).toEqual([leader, target]);
  expect(aborted).toEqual([leader]);
  expect(await history(target)).toEqual(['done']);
});
