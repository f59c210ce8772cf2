import { command, defineMachine, event, query, replicate, table, tables } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { VirtualCluster } from '../virtual-cluster.ts';

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

const clockReader = defineMachine({
  name: 'clock-reader',
  version: 1,
  state: tables({ seen: table<number>() }),
  commands: {
    peek: command(anything, () => [event('seen', Date.now())]),
    note: command(anything, (_state, _input, { now }) => [event('seen', now)]),
  },
  events: { seen: (state, time: number) => state.seen.put('time', time) },
  queries: { seen: query((state) => state.seen.get('time')), now: query(() => Date.now()) },
});

async function startedWith(determinism: 'enforced' | 'trusted') {
  const cluster = new VirtualCluster({ members: 1, machine: (_group, space) => replicate(clockReader, space), determinism });
  const host = await cluster.start(1);
  await cluster.elect();
  return { cluster, host, group: cluster.group(1) };
}

test('a machine that reads a clock stops its member where determinism is enforced, and the error says where and what to use', async () => {
  const { cluster, host, group } = await startedWith('enforced');
  await cluster.settled(group.execute({ type: 'note', input: null }));
  await expect(cluster.settled(group.query('now', undefined))).rejects.toMatchObject({ code: 'nondeterministic' });
  const failures: unknown[] = [];
  host.onFailure((failure) => failures.push(failure));
  const peeked = cluster.settled(group.execute({ type: 'peek', input: null }));
  await expect(peeked).rejects.toMatchObject({ code: 'member_failed' });
  expect(failures).toEqual([
    expect.objectContaining({
      code: 'nondeterministic',
      message: expect.stringMatching(/Date\.now in .*determinism\.test\.ts:\d+/),
      hint: expect.stringContaining('ctx.now'),
    }),
  ]);
  await cluster.settled(host.stop());
});

test('a machine that is trusted may read a clock, and has to bear the consequences', async () => {
  const { cluster, group } = await startedWith('trusted');
  await cluster.settled(group.execute({ type: 'peek', input: null }));
  expect((await cluster.settled(group.query('seen', undefined))).result).toBeGreaterThan(0);
});
