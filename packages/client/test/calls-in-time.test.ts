import { ClientError, type ClientOptions, connect, connectCluster } from '@flotilla/client';
import { accept, command, decodeValue, defineMachine, query } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { type Behaviour, FakeChannel, membersAt, noLeader, noRoom, notLeader } from './fake-channel.ts';
import { VirtualTime } from './virtual-time.ts';
import { watched } from './watched.ts';

const number = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value: value as number }) } };

const sum = defineMachine({
  name: 'sum',
  version: 1,
  state: () => 0,
  commands: { add: command(number, (total, n) => accept(total + n, [])) },
  events: {},
  queries: { total: query((total) => total) },
});

function cluster(members: Record<string, Behaviour>, options: ClientOptions = {}, endpoints = Object.keys(members)) {
  const time = new VirtualTime();
  const channel = new FakeChannel(time, members);
  const all = { time, channel, session: false, random: () => 0, membersIntervalMs: 0, ...options } as const;
  const client = connect(sum, endpoints, all);
  return { time, channel, client, operator: connectCluster(endpoints, all) };
}

const silent: Behaviour = () => 'silence';

describe('a call', () => {
  it('goes on to the others where the disk of a member is full, and says so when all are', async () => {
    const { time, channel, client } = cluster({ a: () => noRoom, b: () => ({ reply: 1, result: 2 }) });
    const taken = watched(client.add(7));
    await time.pass(2);
    expect(taken()).toBe(1);
    expect(channel.asked).toEqual(['0 command a', '1 command b']);
    channel.members.b = () => noRoom;
    const refused = watched(client.add(7));
    await time.pass(2);
    expect(refused()).toMatchObject({ code: 'storage_full', outcome: 'not-applied' });
    expect(channel.asked).toHaveLength(4);
  });

  it('is not repeated where a full disk leaves open what became of it', async () => {
    const unknown = new ClientError('storage_full', 'unknown', 'no room', 'Make some.', { status: 507 });
    const { time, channel, client } = cluster({ a: () => unknown, b: () => ({ reply: 1, result: 2 }) });
    const failed = watched(client.add(7));
    await time.pass(1);
    expect(failed()).toBe(unknown);
    expect(channel.asked).toEqual(['0 command a']);
  });

  it('carries what it means, and how long the member may take', async () => {
    const seen: unknown[] = [];
    const { time, client } = cluster({
      a: (request, { timeoutMs }) => {
        if (request.kind === 'command') seen.push([request.name, decodeValue(request.input), timeoutMs]);
        if (request.kind === 'query') seen.push([request, timeoutMs]);
        return { reply: 1, result: 2 };
      },
    });
    const results = [watched(client.add(7)), watched(client.total({ consistency: 'stale', maxStalenessMs: 5, timeoutMs: 50 }))];
    await time.pass(1);
    expect(results.map((result) => result())).toEqual([1, 2]);
    expect(seen).toEqual([
      ['add', 7, 9900],
      [{ kind: 'query', name: 'total', input: null, consistency: 'stale', maxStalenessMs: 5 }, 45],
    ]);
    expect(time.waiting).toBe(0);
  });

  it('tries everybody, then pauses twice as long each round, up to a bound', async () => {
    const { time, channel, client } = cluster({ a: () => noLeader, b: () => noLeader }, { backoffFirstMs: 100, backoffMaxMs: 300 });
    const result = watched(client.add(1, { timeoutMs: 700 }));
    await time.pass(699);
    // Without luck a pause is half as long as it may be: 50, 100, 150, 150 ms, and 2 ms for the answers of each round.
    expect(channel.asked.map((line) => line.replace('command ', ''))).toEqual(
      [0, 52, 154, 306, 458, 610].flatMap((round) => [`${round} a`, `${round + 1} b`]),
    );
    expect(result()).toBe('pending');
    await time.pass(1);
    expect(result()).toMatchObject({ code: 'timeout', outcome: 'not-applied' });
    expect(time.waiting).toBe(0);
  });

  it('pauses as chance has it', async () => {
    const { time, channel, client } = cluster({ a: () => noLeader }, { backoffFirstMs: 100, random: () => 0.5 });
    void watched(client.add(1));
    await time.pass(77);
    expect(channel.asked).toEqual(['0 command a', '76 command a']);
  });

  it('waits for a command until its deadline, and then does not know', async () => {
    const { time, channel, client } = cluster({ a: silent, b: silent });
    const result = watched(client.add(1, { timeoutMs: 5000 }));
    await time.pass(4999);
    expect(result()).toBe('pending');
    await time.pass(1);
    expect(result()).toMatchObject({ code: 'timeout', outcome: 'unknown' });
    expect(channel.asked).toEqual(['0 command a']);
  });

  it('asks somebody else where a query is not answered in time', async () => {
    const { time, channel, client } = cluster({ a: silent, b: () => ({ result: 3 }) }, { attemptTimeoutMs: 400 });
    const result = watched(client.total());
    await time.pass(401);
    expect(result()).toBe(3);
    expect(channel.asked).toEqual(['0 query a', '400 query b']);
  });

  it('is not confused by an attempt that fails after it was given up', async () => {
    const { time, channel, client } = cluster({ a: () => ({ result: 3 }) }, { attemptTimeoutMs: 400, backoffFirstMs: 100 });
    const { call } = channel;
    channel.call = (_endpoint, _request, options) =>
      new Promise((_, reject) => {
        channel.call = call;
        options.signal.addEventListener('abort', () => void time.after(20, () => reject(noLeader)));
      });
    const result = watched(client.total());
    await time.pass(460);
    expect(result()).toBe(3);
  });

  it('tells the channel when nobody waits any more', async () => {
    const signals: AbortSignal[] = [];
    const { time, client } = cluster({
      a: (_request, { signal }) => {
        signals.push(signal);
        return 'silence';
      },
    });
    void watched(client.add(1, { timeoutMs: 100 }));
    await time.pass(99);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await time.pass(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it.each([
    ['while it waits for an answer', silent, 'unknown'],
    ['while it pauses', () => noLeader, 'not-applied'],
  ] as const)('ends with its signal or with the client %s', async (_when, member, outcome) => {
    const { time, client } = cluster({ a: member }, { backoffFirstMs: 1000 });
    const controller = new AbortController();
    const [aborted, closed] = [watched(client.add(1, { signal: controller.signal })), watched(client.add(1))];
    await time.pass(10);
    controller.abort();
    await time.pass(0);
    expect(aborted()).toMatchObject({ code: 'aborted', outcome });
    expect(closed()).toBe('pending');
    client.$close();
    await time.pass(0);
    expect(closed()).toMatchObject({ code: 'closed', outcome });
    expect(time.waiting).toBe(0);
  });

  it('for the leader goes where the leader is said to be, and pauses where that is nowhere', async () => {
    let elected = false;
    const { time, channel, operator } = cluster(
      { a: () => notLeader('b'), b: () => (elected ? {} : notLeader(null)), c: () => notLeader('b') },
      { backoffFirstMs: 100 },
      ['a'],
    );
    const result = watched(operator.transferLeadership(2));
    await time.pass(50);
    elected = true;
    await time.pass(100);
    expect(result()).toBeUndefined();
    expect(channel.asked).toEqual([0, 1, 102, 103].map((at, i) => `${at} transfer-leadership ${'abab'[i]}`));
  });
});

describe('the members', () => {
  const statusOr =
    (members: () => object): Behaviour =>
    ({ kind }) =>
      kind === 'members' ? { ...members() } : { reply: 1 };

  it('are asked for while calls are made, once in each interval', async () => {
    const { time, channel, client } = cluster({ a: statusOr(() => membersAt('a')) }, { membersIntervalMs: 1000 });
    for (let call = 0; call < 25; call++) {
      void watched(client.add(1));
      await time.pass(100);
    }
    expect(channel.asked.filter((line) => line.includes('members'))).toEqual(['1 members a', '1001 members a', '2001 members a']);
  });

  it('are asked for sooner after a failure', async () => {
    const { time, channel, client } = cluster({ a: ({ kind }) => (kind === 'members' ? membersAt('a') : noLeader) }, { backoffMaxMs: 100 });
    const hasty = connect(sum, ['a'], { time, channel, session: false, random: () => 0, membersIntervalMs: 5000 });
    void watched(hasty.add(1, { timeoutMs: 900 }));
    await time.pass(900);
    const times = channel.asked.filter((line) => line.includes('members')).map((line) => Number.parseInt(line, 10));
    expect(times.length).toBeGreaterThan(1);
    expect(times.every((at, i) => i === 0 || at - (times[i - 1] ?? 0) >= 250)).toBe(true);
    client.$close();
  });

  it('take the place of those that are gone', async () => {
    const { time, channel, client } = cluster({ a: statusOr(() => membersAt('z')) }, { membersIntervalMs: 1000 });
    void watched(client.add(1));
    await time.pass(10);
    channel.members.z = () => ({ reply: 5 });
    delete channel.members.a;
    const result = watched(client.add(1));
    await time.pass(10);
    expect(result()).toBe(5);
  });

  it('are asked for again after a question without an answer, and the end of a client ends it', async () => {
    const { time, channel, client } = cluster(
      { a: ({ kind }) => (kind === 'members' ? 'silence' : { reply: 1 }) },
      { membersIntervalMs: 1000, attemptTimeoutMs: 3000 },
    );
    for (let call = 0; call < 6; call++) {
      void watched(client.add(1));
      await time.pass(1000);
    }
    expect(channel.asked.filter((line) => line.includes('members'))).toEqual(['1 members a', '3001 members a']);
    client.$close();
    expect(time.waiting).toBe(0);
  });
});
