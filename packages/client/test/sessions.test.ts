import { ClientError, type ClientOptions, CommandRejected, connect } from '@flotilla/client';
import { accept, command, defineMachine, query } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { type Behaviour, FakeChannel, noLeader } from './fake-channel.ts';
import { SessionGroup } from './session-group.ts';
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

function cluster(behaviours: (group: SessionGroup) => Record<string, Behaviour>, options: ClientOptions = {}) {
  const time = new VirtualTime();
  const group = new SessionGroup();
  const members = behaviours(group);
  const channel = new FakeChannel(time, members);
  const client = connect(sum, Object.keys(members), {
    time,
    channel,
    session: { ttlMs: 60_000 },
    random: () => 0,
    membersIntervalMs: 0,
    ...options,
  });
  return { time, group, channel, client };
}

const leadershipLost = new ClientError('leadership_lost', 'unknown', 'the leader changed', 'Look.', { status: 503 });

/** Does what the group does, and says something else about the first `times` commands. */
function hiding(group: SessionGroup, answer: Error | 'silence', times = 1): Behaviour {
  let left = times;
  return (request) => {
    const truth = group.serve(request);
    return request.kind === 'command' && left-- > 0 ? answer : truth;
  };
}

describe('a session', () => {
  it('is opened with the first command, and numbers the commands', async () => {
    const { time, group, channel, client } = cluster((g) => ({ a: g.serve }));
    const replies = [watched(client.total()), watched(client.add(1)), watched(client.add(2))];
    await time.pass(10);
    replies.push(watched(client.add(3)));
    await time.pass(10);
    expect(replies.map((reply) => reply())).toEqual([0, 1, 3, 6]);
    expect(channel.asked.map((line) => line.split(' ')[1])).toEqual(['query', 'open-session', 'command', 'command', 'command']);
    expect(group.stamps).toEqual([
      { session: 1, sequence: 1, acknowledged: 1 },
      { session: 1, sequence: 2, acknowledged: 1 },
      { session: 1, sequence: 3, acknowledged: 3 },
    ]);
  });

  it.each<[string, Error | 'silence']>([
    ['a connection that was lost', new ClientError('connection_lost', 'unknown', 'lost', 'Look.')],
    ['a lost leadership', leadershipLost],
    ['a timeout of the member', new ClientError('timeout', 'unknown', 'late', 'Look.', { status: 504 })],
    ['a member that failed', new ClientError('member_failed', 'unknown', 'failed', 'Look.', { status: 500 })],
    ['a proxy that gave up', new ClientError('unexpected_answer', 'unknown', 'what?', 'Look.', { status: 502 })],
    ['a full disk', new ClientError('storage_full', 'unknown', 'full', 'Look.', { status: 507 })],
    ['silence', 'silence'],
  ])('lets a command be sent again after %s, and applies it once', async (_what, answer) => {
    const { time, group, client } = cluster((g) => ({ a: hiding(g, answer), b: g.serve }));
    const reply = watched(client.add(5));
    await time.pass(3100);
    expect(reply()).toBe(5);
    expect(group.total).toBe(5);
    expect(group.stamps).toEqual([
      { session: 1, sequence: 1, acknowledged: 1 },
      { session: 1, sequence: 1, acknowledged: 1 },
    ]);
  });

  it('leaves no doubt about a command that the machine refuses, however often it was sent', async () => {
    const refused = new CommandRejected('too_much', 'm', 'h', { status: 409, details: null, index: 9 });
    let first = true;
    const refusing =
      (g: SessionGroup): Behaviour =>
      (request) => {
        if (request.kind !== 'command') return g.serve(request);
        if (!first) return refused;
        first = false;
        return leadershipLost;
      };
    const { time, client } = cluster((g) => ({ a: refusing(g) }));
    const reply = watched(client.add(1));
    await time.pass(100);
    expect(reply()).toBe(refused);
  });

  it('ends in doubt where time is up and an attempt may have been applied, although later ones were not', async () => {
    const { time, client } = cluster((g) => {
      let sent = 0;
      return { a: (request) => (request.kind !== 'command' ? g.serve(request) : sent++ === 0 ? leadershipLost : noLeader) };
    });
    const reply = watched(client.add(1, { timeoutMs: 300 }));
    await time.pass(300);
    expect(reply()).toMatchObject({ code: 'timeout', outcome: 'unknown' });
  });

  it('ends in doubt where a later attempt is refused for good', async () => {
    const { time, client } = cluster((g) => {
      let sent = 0;
      const invalid = new ClientError('invalid_input', 'not-applied', 'bad', 'Correct it.', { status: 400 });
      return { a: (request) => (request.kind !== 'command' ? g.serve(request) : sent++ === 0 ? leadershipLost : invalid) };
    });
    const reply = watched(client.add(1));
    await time.pass(300);
    expect(reply()).toMatchObject({ code: 'invalid_input', outcome: 'unknown', status: 400 });
  });

  it('is opened by the next command where the first one gives up', async () => {
    const { time, channel, client } = cluster((g) => ({ a: g.serve }));
    const { a } = channel.members;
    channel.members.a = () => noLeader;
    const [hasty, patient] = [watched(client.add(1, { timeoutMs: 50 })), watched(client.add(2))];
    await time.pass(50);
    expect(hasty()).toMatchObject({ code: 'timeout', outcome: 'not-applied', message: expect.stringContaining('no leader') });
    if (a !== undefined) channel.members.a = a;
    await time.pass(1000);
    expect(patient()).toBe(2);
  });

  it('bounds what is under way, and how many wait', async () => {
    const { time, group, client } = cluster((g) => ({ a: g.serve }));
    const replies = Array.from({ length: 11_001 }, () => watched(client.add(1, { timeoutMs: 60_000 })));
    await time.pass(100);
    const refused = replies.map((reply) => reply()).filter((reply) => reply instanceof ClientError);
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject({ code: 'overloaded', outcome: 'not-applied' });
    expect(group.total).toBe(replies.length - refused.length);
    expect(group.windowMax).toBe(1000);
  });
});

describe('a session that has ended', () => {
  it('is replaced where the command was certainly not applied', async () => {
    const { time, group, client } = cluster((g) => ({ a: g.serve }));
    void client.add(1);
    await time.pass(10);
    group.expireAll();
    const replies = [watched(client.add(2)), watched(client.add(3))];
    await time.pass(10);
    expect(replies.map((reply) => reply())).toEqual([3, 6]);
    expect(group.stamps.slice(-2)).toEqual([
      { session: 2, sequence: 1, acknowledged: 1 },
      { session: 2, sequence: 2, acknowledged: 1 },
    ]);
  });

  it('leaves in doubt a command that may have been applied, and no later one', async () => {
    const { time, group, client } = cluster((g) => ({ a: hiding(g, leadershipLost) }), { backoffFirstMs: 100 });
    const lost = watched(client.add(1));
    await time.pass(10);
    group.expireAll();
    await time.pass(100);
    expect(lost()).toMatchObject({
      code: 'session_expired',
      outcome: 'unknown',
      message: expect.stringContaining('may have been applied'),
    });
    const next = watched(client.add(2));
    await time.pass(10);
    expect(next()).toBe(3);
  });

  it('is not meant by a machine that refuses a command in the same words', async () => {
    const refused = new CommandRejected('session_expired', 'm', 'h', { status: 409, details: null, index: 9 });
    const { time, channel, client } = cluster((g) => ({ a: (request) => (request.kind === 'command' ? refused : g.serve(request)) }));
    const reply = watched(client.add(1));
    await time.pass(10);
    expect(reply()).toBe(refused);
    expect(channel.asked.map((line) => line.split(' ')[1])).toEqual(['open-session', 'command']);
  });

  it('is not replaced for ever', async () => {
    const { time, channel, client } = cluster((g) => ({ a: g.serve }));
    const { a } = channel.members;
    channel.members.a = (request, options) =>
      request.kind === 'command'
        ? new ClientError('session_expired', 'not-applied', 'gone', 'Open one.', { status: 410 })
        : (a?.(request, options) ?? noLeader);
    const reply = watched(client.add(1));
    await time.pass(100);
    expect(reply()).toMatchObject({ code: 'session_expired', outcome: 'not-applied' });
    expect(channel.asked.filter((line) => line.includes('open-session'))).toHaveLength(4);
  });
});

describe('keeping a session', () => {
  it('happens at a third of its time, where no command does it', async () => {
    const { time, channel, client } = cluster((g) => ({ a: g.serve }), { session: { ttlMs: 30_000 } });
    void client.add(1);
    await time.pass(5000);
    void client.add(1);
    await time.pass(40_001);
    const kept = channel.asked.filter((line) => line.includes('keep'));
    expect(kept).toEqual(['15000 keep-session a', '25000 keep-session a', '35000 keep-session a', '45000 keep-session a']);
    expect(time.waitingInForeground).toBe(0);
    client.$close();
    await time.pass(10);
    expect(time.waiting).toBe(0);
  });

  it('goes on after a failure, and notices the end', async () => {
    const { time, group, channel, client } = cluster((g) => ({ a: g.serve }), { session: { ttlMs: 3000 } });
    void client.add(1);
    await time.pass(500);
    const { a } = channel.members;
    channel.members.a = () => noLeader;
    await time.pass(1000);
    if (a !== undefined) channel.members.a = a;
    await time.pass(2000);
    expect(group.kept).toBeGreaterThan(0);
    group.expireAll();
    await time.pass(3000);
    expect(time.waiting).toBe(0);
    const reply = watched(client.add(1));
    await time.pass(10);
    expect(reply()).toBe(2);
    expect(group.stamps.at(-1)).toMatchObject({ session: 2 });
  });

  it('ends with the client, which says so to the group', async () => {
    const { time, group, channel, client } = cluster((g) => ({ a: g.serve }));
    void client.add(1);
    await time.pass(10);
    client.$close();
    client.$close();
    await time.pass(10);
    expect(group.sessions).toBe(0);
    expect(channel.asked.filter((line) => line.includes('close-session'))).toHaveLength(1);
    expect(time.waiting).toBe(0);
  });
});
