import { describe, expect, it } from 'vitest';
import { connectCluster } from './connect-cluster.ts';
import type { ClientOptions } from './options.ts';

type Handler = (path: string, host: string) => object | number | Promise<object>;

/** A network of members by host; each answers with a body, or with the status of an error; who is absent cannot be reached. */
function network(hosts: Record<string, Handler>) {
  const asked: string[] = [];
  const fetch = (async (input: string, init?: RequestInit) => {
    const { host, pathname, search } = new URL(input);
    asked.push(`${init?.method ?? 'GET'} ${host}${pathname}${search.replace(/[?&]timeoutMs=\d+/, '')}`);
    const handler = hosts[host];
    if (handler === undefined)
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
    const answer = await handler(`${init?.method ?? 'GET'} ${pathname}${search}`, host);
    return typeof answer === 'number'
      ? Response.json({ error: { code: 'member_removed', outcome: 'not-applied' } }, { status: answer })
      : toResponse(answer);
  }) as typeof globalThis.fetch;
  return { hosts, asked, fetch };
}

function toResponse(answer: object): Response {
  return 'error' in answer ? Response.json(answer, { status: 421 }) : Response.json(answer);
}

const notLeader = (leader: { id: number; clientAddress: string } | null) => ({
  error: { code: 'not_leader', outcome: 'not-applied', leader },
});
const membersAre = (...addresses: readonly string[]) => ({
  member: 1,
  leader: 1,
  members: addresses.map((clientAddress, i) => ({ id: i + 1, clientAddress, role: 'voter', leaving: false })),
});

function client({ fetch }: { fetch: typeof globalThis.fetch }, options: ClientOptions = {}, endpoints = ['a:1', 'b:1', 'c:1']) {
  return connectCluster(endpoints, { fetch, backoffFirstMs: 1, backoffMaxMs: 2, membersIntervalMs: 1, ...options });
}

describe('calls for the leader', () => {
  const never = { membersIntervalMs: 0 };

  it('go where a member says that it is', async () => {
    const leader = { id: 3, clientAddress: 'c:1' };
    const net = network({ 'a:1': () => notLeader(leader), 'c:1': () => ({ index: 7, membership: {} }) });
    expect(await client(net, never).changeMembership({ remove: [2] })).toEqual({ index: 7, membership: {} });
    expect(net.asked).toEqual(['POST a:1/v1/members', 'POST c:1/v1/members']);
  });

  it('may be sent to a member that is none of the endpoints', async () => {
    const net = network({ 'a:1': () => notLeader({ id: 9, clientAddress: 'z:1' }), 'z:1': () => ({}) });
    await client(net, never).transferLeadership(2);
    expect(net.asked).toEqual(['POST a:1/v1/transfer', 'POST z:1/v1/transfer']);
  });

  it('wait where nobody knows the leader, or it does not answer yet', async () => {
    let elections = 0;
    const net = network({
      'a:1': () => notLeader(null),
      'b:1': () => (++elections < 3 ? notLeader({ id: 9, clientAddress: 'z:1' }) : { index: 1, membership: {} }),
    });
    expect(await client(net, never).changeMembership({ remove: [2] })).toMatchObject({ index: 1 });
  });

  it('do not go round in circles', async () => {
    const net = network({
      'a:1': () => notLeader({ id: 2, clientAddress: 'b:1' }),
      'b:1': () => notLeader({ id: 1, clientAddress: 'a:1' }),
    });
    const error = await client(net, { ...never, backoffFirstMs: 50, backoffMaxMs: 50 }, ['a:1', 'b:1'])
      .transferLeadership(3, { timeoutMs: 60 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'timeout', outcome: 'not-applied' });
    expect(net.asked.length).toBeLessThan(20);
  });

  it('are not repeated where the outcome is unknown', async () => {
    const net = network({ 'a:1': () => Promise.reject(new TypeError('terminated')), 'b:1': () => ({}) });
    await expect(client(net, never).changeMembership({ remove: [2] })).rejects.toMatchObject({ outcome: 'unknown' });
    expect(net.asked).toEqual(['POST a:1/v1/members']);
  });
});

describe('the view of the membership', () => {
  it('is the leader’s', async () => {
    const net = network({
      'a:1': (path) =>
        path.endsWith('view=leader') ? notLeader({ id: 2, clientAddress: 'b:1' }) : { ...membersAre('a:1', 'b:1'), leader: 2 },
      'b:1': () => ({ ...membersAre('a:1', 'b:1'), member: 2, leader: 2 }),
    });
    expect(await client(net, { membersIntervalMs: 0 }).members()).toMatchObject({ member: 2 });
  });

  it('is not that of a removed member, which knows no leader', async () => {
    const net = network({
      'a:1': (path) => (path.endsWith('view=leader') ? notLeader(null) : { ...membersAre('a:1', 'b:1'), leader: null }),
      'b:1': () => ({ ...membersAre('b:1'), member: 2, leader: 2 }),
    });
    expect(await client(net, { membersIntervalMs: 0 }).members()).toMatchObject({ member: 2, leader: 2 });
  });

  it('is that of any member where the leader does not answer', async () => {
    const net = network({
      'a:1': (path) =>
        path.endsWith('view=leader') ? notLeader({ id: 2, clientAddress: 'b:1' }) : { ...membersAre('a:1', 'b:1'), leader: 2 },
    });
    expect(await client(net, { membersIntervalMs: 0, attemptTimeoutMs: 20 }, ['a:1']).members()).toMatchObject({ member: 1, leader: 2 });
  });
});

describe('members that were not given', () => {
  const status = () => ({ member: 1 });
  const alive =
    (members: () => object): Handler =>
    (path) =>
      path.endsWith('/members') ? members() : status();

  it('are learned, so that a client outlives all those that were', async () => {
    const hosts: Record<string, Handler> = {};
    const addresses = ['a:1', 'b:1', 'c:1'];
    const start = (address: string) => {
      hosts[address] = alive(() => membersAre(...addresses));
    };
    addresses.forEach(start);
    const net = network(hosts);
    const c = client(net);
    for (const [old, successor] of [
      ['a:1', 'd:1'],
      ['b:1', 'e:1'],
      ['c:1', 'f:1'],
    ] as const) {
      start(successor);
      addresses.splice(addresses.indexOf(old), 1, successor);
      const before = net.asked.length;
      while (!net.asked.slice(before).some((request) => request.endsWith('/v1/members'))) await c.status();
      delete hosts[old];
      expect(await c.status()).toEqual(status());
    }
    expect(Object.keys(hosts)).toEqual(['d:1', 'e:1', 'f:1']);
  });

  it('are asked for at once by a client whose member was removed', async () => {
    const net = network({ 'a:1': (path) => (path.endsWith('/members') ? membersAre('z:1') : 421), 'z:1': alive(() => membersAre('z:1')) });
    expect(await client(net, { membersIntervalMs: 60_000 }, ['a:1']).status()).toEqual(status());
  });

  it('are asked for one question at a time, and not too often', async () => {
    const net = network({ 'a:1': alive(() => membersAre('a:1')) });
    const c = client(net, { membersIntervalMs: 60_000 });
    for (let call = 0; call < 20; call++) await c.status();
    expect(net.asked.filter((request) => request.endsWith('/v1/members'))).toHaveLength(1);
  });

  it('are not looked for behind a proxy', async () => {
    const net = network({ 'flotilla.example': alive(() => membersAre('a:1')) });
    await client(net, {}, ['https://flotilla.example']).status();
    expect(net.asked).toEqual(['GET flotilla.example/v1/status']);
  });
});
