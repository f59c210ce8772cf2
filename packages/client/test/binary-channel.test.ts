import type { ServerResponse } from 'node:http';
import { type ClientOptions, connect, connectCluster } from '@flotilla/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BinaryServer, type Frame, frameOf, type Peer } from './binary-server.ts';
import { sum } from './sum-machine.ts';

const servers: BinaryServer[] = [];
const clients: { $close(): void }[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.$close();
  for (const server of servers.splice(0)) await server.close();
});

async function member(serve: (frame: Frame, peer: Peer) => void) {
  const server = new BinaryServer(serve);
  servers.push(server);
  return { server, endpoint: await server.listen() };
}

function client(endpoints: readonly string[], options: ClientOptions = {}) {
  const made = connect(sum, endpoints, { membersIntervalMs: 0, backoffFirstMs: 1, ...options });
  clients.push(made);
  return made;
}

/** Adds what it is asked to add. */
function adding() {
  let total = 0;
  return ([id, kind, _name, input]: Frame, peer: Peer) => {
    if (kind === 'command') total += input as number;
    if (kind === 'command') peer.send(id, 'ok', { index: total, term: 1, reply: total });
    else if (kind === 'query') peer.send(id, 'ok', { index: total, result: total });
    else peer.send(id, 'ok', { session: 7, ttlMs: 60_000 });
  };
}

const notApplied = { status: 503, code: 'no_leader', message: 'm', hint: 'h', outcome: 'not-applied' };

describe('the binary protocol', () => {
  it('carries every kind of call in its frame', async () => {
    const { server, endpoint } = await member(([id, kind], peer) => {
      if (kind === 'open-session') peer.send(id, 'ok', { session: 7, ttlMs: 60_000 });
      else peer.send(id, 'ok', { index: 3, term: 2, reply: 5, result: 6, member: 1, leader: 1, members: [] });
    });
    const c = client([endpoint], { session: { ttlMs: 60_000 }, timeoutMs: 1000 });
    expect(await c.$execute('add', 5)).toMatchObject({ index: 3, term: 2, reply: 5 });
    expect(await c.total()).toBe(6);
    await c.$query('total', undefined, { consistency: 'stale', maxStalenessMs: 9 });
    await c.$status();
    await c.$members();
    await c.$changeMembership({ remove: [2] });
    await c.$transferLeadership(3);
    c.$close();
    await vi.waitFor(() => expect(server.frames.at(-1)?.[1]).toBe('close-session'));
    const timeout = expect.any(Number);
    expect(server.frames.map(([, ...fields]) => fields)).toEqual([
      ['open-session', 60_000, timeout],
      ['command', 'add', 5, [7, 1, 1], timeout],
      ['query', 'total', undefined, 'linearizable', null, timeout],
      ['query', 'total', undefined, 'stale', 9, timeout],
      ['status'],
      ['members', 'any'],
      ['change-membership', { remove: [2] }, timeout],
      ['transfer-leadership', 3, timeout],
      ['close-session', 7, 1000],
    ]);
    expect(server.frames.map(([id]) => id)).toEqual(server.frames.map((_, at) => at + 1));
    expect(server.peers).toHaveLength(1);
    expect(server.httpRequests).toEqual([]);
  });

  it('has many calls under way on one connection, answered in any order and in any pieces', async () => {
    const waiting: Uint8Array[] = [];
    const { server, endpoint } = await member(([id, , , input], { socket }) => {
      waiting.unshift(frameOf([id, 'ok', { reply: (input as number) * 2 }]));
      if (waiting.length < 500) return;
      const all = Buffer.concat(waiting.splice(0));
      for (let at = 0; at < all.length; at += 7) socket.write(all.subarray(at, at + 7));
    });
    const c = client([endpoint], { session: false });
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    expect(await Promise.all(numbers.map((n) => c.add(n)))).toEqual(numbers.map((n) => n * 2));
    expect(server.peers).toHaveLength(1);
  });

  it('has no more calls under way than a member takes', async () => {
    let most = 0;
    const underWay: [number, Peer][] = [];
    const { endpoint } = await member(([id], peer) => {
      underWay.push([id, peer]);
      most = Math.max(most, underWay.length);
      if (underWay.length === 1) setImmediate(() => underWay.splice(0).forEach(([call, to]) => void to.send(call, 'ok', { reply: call })));
    });
    const c = client([endpoint], { session: false });
    expect(new Set(await Promise.all(Array.from({ length: 3000 }, () => c.add(1)))).size).toBe(3000);
    expect(most).toBeLessThanOrEqual(1024);
  });

  it('reports errors as HTTP does', async () => {
    const answers: Record<number, object> = {
      1: { status: 412, code: 'too_much', message: 'no', hint: 'h', rejected: true, outcome: 'not-applied', index: 4, details: { max: 1 } },
      2: { status: 400, code: 'invalid_input', message: 'bad', hint: 'h', outcome: 'not-applied' },
      3: { status: 500, code: 'internal', message: 'what', hint: 'h' },
    };
    const { endpoint } = await member(([id, , , input], peer) => peer.send(id, 'error', answers[input as number]));
    const c = client([endpoint], { session: false });
    await expect(c.add(1)).rejects.toMatchObject({ name: 'CommandRejected', code: 'too_much', status: 412, index: 4, details: { max: 1 } });
    await expect(c.add(2)).rejects.toMatchObject({ code: 'invalid_input', outcome: 'not-applied' });
    await expect(c.add(3)).rejects.toMatchObject({ code: 'internal', outcome: 'unknown' });
  });

  it('goes on where it is sent, and to the next member', async () => {
    const [a, b] = [await member(([id], peer) => peer.send(id, 'error', notApplied)), await member(adding())];
    expect(await client([a.endpoint, b.endpoint], { session: false }).add(2)).toBe(2);
    const c = await member(([id], peer) =>
      peer.send(id, 'error', { ...notApplied, status: 421, code: 'not_leader', leader: { id: 2, clientAddress: b.endpoint } }),
    );
    expect(await client([c.endpoint, a.endpoint], { session: false }).add(2)).toBe(4);
  });

  it('tells the member that nobody waits any more', async () => {
    const { server, endpoint } = await member(() => {});
    const controller = new AbortController();
    const call = client([endpoint], { session: false }).add(1, { signal: controller.signal });
    await vi.waitFor(() => expect(server.frames).toHaveLength(1));
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted', outcome: 'unknown' });
    await vi.waitFor(() => expect(server.frames.map(([id, kind]) => [id, kind])).toContainEqual([1, 'cancel']));
  });

  it('asks whether a silent member lives after a call in vain, and connects again where it does not', async () => {
    const { server, endpoint } = await member(() => {});
    const c = client([endpoint], { session: false, attemptTimeoutMs: 30 });
    const value = c.total();
    await vi.waitFor(() => expect(server.frames.map(([, kind]) => kind)).toContain('ping'));
    const deaf = server.peers.length;
    server.serve = (frame, peer) => {
      if (server.peers.indexOf(peer) >= deaf) adding()(frame, peer);
    };
    expect(await value).toBe(0);
    expect(server.peers.length).toBe(deaf + 1);
  });

  it('connects again after a lost connection; what was under way may have been applied', async () => {
    const { server, endpoint } = await member((_, { socket }) => socket.destroy());
    const c = client([endpoint], { session: false });
    await expect(c.add(1)).rejects.toMatchObject({ code: 'connection_lost', outcome: 'unknown' });
    server.serve = adding();
    expect(await c.add(1)).toBe(1);
    expect(server.peers).toHaveLength(2);
  });

  it('sends nothing more after a goodbye, and waits for what is under way', async () => {
    const { server, endpoint } = await member(([id], peer) => {
      peer.send(0, 'goodbye', 'this member is stopping');
      setTimeout(() => peer.send(id, 'ok', { reply: 1 }), 20);
    });
    const c = client([endpoint], { session: false });
    const first = c.add(1);
    await vi.waitFor(() => expect(server.frames).toHaveLength(1));
    server.serve = adding();
    await vi.waitFor(async () => expect(await c.total()).toBe(0));
    expect(await first).toBe(1);
    expect(server.peers).toHaveLength(2);
  });

  it('is certain that nothing was sent where nobody is there', async () => {
    const { server, endpoint } = await member(() => {});
    await server.close();
    await expect(client([endpoint], { session: false }).add(1, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
      outcome: 'not-applied',
    });
  });

  it.each<[string, Uint8Array]>([
    ['no MessagePack', Buffer.from([0, 0, 0, 1, 0xc1])],
    ['no list', frameOf({} as unknown as [])],
    ['a length beyond reason', Buffer.from([0xff, 0xff, 0xff, 0xff, 0])],
    ['an answer that is none', frameOf([1, 'ok', 7])],
    ['an unknown kind', frameOf([1, 'perhaps'])],
  ])('survives %s', async (_what, bytes) => {
    const { server, endpoint } = await member((_, { socket }) => void socket.write(bytes));
    const c = client([endpoint], { session: false });
    await expect(c.add(1)).rejects.toMatchObject({ name: 'ClientError', outcome: 'unknown' });
    server.serve = adding();
    expect(await c.add(1)).toBe(1);
  });
});

describe('HTTP instead', () => {
  const json = (value: object) => (_: unknown, response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));

  it('is spoken with who does not know the protocol, without asking each time', async () => {
    const { server, endpoint } = await member(() => {});
    server.upgrades = false;
    server.serveHttp = json({ reply: 3, result: 4 });
    const c = client([endpoint], { session: false });
    expect([await c.add(1), await c.total()]).toEqual([3, 4]);
    expect(server.httpRequests).toHaveLength(2);
    server.upgrades = true;
    expect(await c.add(1)).toBe(3);
    expect(server.peers).toHaveLength(0);
  });

  it('is spoken where the client says so', async () => {
    const { server, endpoint } = await member(() => {});
    server.serveHttp = json({ reply: 3 });
    expect(await client([endpoint], { session: false, protocol: 'http' }).add(1)).toBe(3);
    expect(server.peers).toHaveLength(0);
  });

  it('carries what is large', async () => {
    const { server, endpoint } = await member(adding());
    server.serveHttp = json({ reply: 3 });
    const c = client([endpoint], { session: false });
    await c.add(1);
    expect(await c.$execute('add', 'x'.repeat(70_000) as unknown as number)).toEqual({ reply: 3 });
    expect(server.frames).toHaveLength(1);
  });
});

describe('events over the binary protocol', () => {
  const added = (index: number, ordinal = 0) => ({ index, ordinal, term: 1, time: 5, type: 'added', data: { n: index } });

  async function take(events: AsyncIterable<{ index: number; ordinal: number }>, count: number) {
    const places: string[] = [];
    for await (const { index, ordinal } of events) {
      places.push(`${index}-${ordinal}`);
      if (places.length === count) break;
    }
    return places;
  }

  it('have a connection of their own, and go on behind the last one wherever that breaks', async () => {
    const { server, endpoint } = await member(([id, , from, after], peer) => {
      peer.send(id, 'events', 3);
      if (after === null) {
        peer.send(id, 'event', added(3));
        peer.send(id, 'event', added(4, 0));
        peer.socket.end();
      } else {
        peer.send(id, 'event', added(4, 0));
        peer.send(id, 'event', added(4, 1));
        peer.send(id, 'end');
      }
      expect(from).toBe(after === null ? null : 3);
    });
    const events = client([endpoint]).$events();
    expect(await take(events, 3)).toEqual(['3-0', '4-0', '4-1']);
    expect(server.frames.slice(0, 2)).toEqual([
      [1, 'events', null, null],
      [1, 'events', 3, [4, 0]],
    ]);
    await vi.waitFor(() => expect(server.peers.every(({ socket }) => socket.destroyed)).toBe(true));
  });

  it('fail where they are no longer kept', async () => {
    const { endpoint } = await member(([id], peer) =>
      peer.send(id, 'error', { status: 410, code: 'journal_compacted', message: 'm', hint: 'h' }),
    );
    await expect(take(client([endpoint]).$events({ from: 1 }), 1)).rejects.toMatchObject({ code: 'journal_compacted', hint: 'h' });
  });

  it('fail where what comes is none', async () => {
    const { endpoint } = await member((_, { socket }) => void socket.write(Buffer.from([0, 0, 0, 1, 0xc1])));
    await expect(take(client([endpoint]).$events(), 1)).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  it('end with the client', async () => {
    const { server, endpoint } = await member(([id], peer) => peer.send(id, 'events', 1));
    const c = client([endpoint]);
    const places = take(c.$events(), 1);
    await vi.waitFor(() => expect(server.frames).toHaveLength(1));
    c.$close();
    expect(await places).toEqual([]);
  });

  it('come as server-sent events from who does not know the protocol', async () => {
    const { server, endpoint } = await member(() => {});
    server.upgrades = false;
    server.serveHttp = (request, response) => {
      expect(request.url).toBe('/v1/events?encoding=msgpack&from=2');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${Buffer.from(frameOf(added(2) as never).subarray(4)).toString('base64')}\n\n`);
    };
    expect(await take(client([endpoint]).$events({ from: 2 }), 1)).toEqual(['2-0']);
  });
});

it('is used by operators too', async () => {
  const { server, endpoint } = await member(([id], peer) => peer.send(id, 'ok', { member: 4 }));
  const operator = connectCluster([endpoint], { membersIntervalMs: 0 });
  expect(await operator.status()).toEqual({ member: 4 });
  operator.close();
  await vi.waitFor(() => expect(server.peers.every(({ socket }) => socket.destroyed)).toBe(true));
});
