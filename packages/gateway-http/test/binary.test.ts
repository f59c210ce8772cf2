import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BinaryClient } from './binary-client.ts';
import { post, serve, until } from './guestbook.ts';

const sign = (id: number, ...names: unknown[]) => [id, 'command', 'sign', { names }, null, 5000] as const;

describe('the binary protocol', () => {
  it('takes commands and queries, with values as they are', async () => {
    const { url } = await serve();
    const client = await BinaryClient.open(url);
    const name = Uint8Array.of(0xff, 0);
    expect(await client.call(...sign(1, 'ada', name))).toEqual([1, 'ok', { index: 1, term: 1, reply: { count: 2 } }]);
    expect(await client.call(2, 'query', 'all', undefined, 'linearizable', null, 5000)).toEqual([
      2,
      'ok',
      { index: 1, result: ['ada', name] },
    ]);
    expect(await client.call(3, 'query', 'at', { position: 0 }, 'stale', 50, 5000)).toEqual([3, 'ok', { index: 1, result: 'ada' }]);
    expect(await client.call(4, 'ping')).toEqual([4, 'ok', {}]);
    expect(await client.call(5, 'status')).toMatchObject([5, 'ok', { role: 'leader', machine: { name: 'guestbook' }, journalStart: 1 }]);
    expect(await client.call(6, 'members', 'leader')).toMatchObject([6, 'ok', { member: 1, leader: 1 }]);
  });

  it('takes what follows the request for it in the same packet', async () => {
    const { url } = await serve();
    const client = await BinaryClient.open(url, Buffer.from('00000007930ba470696e67', 'hex').subarray(0, 4));
    client.socket.write(Buffer.from('920ba470696e67', 'hex'));
    expect(await client.answer(11)).toEqual([11, 'ok', {}]);
  });

  it('passes sessions and stamps on', async () => {
    const { url, group } = await serve();
    const stamps: unknown[] = [];
    const execute = group.execute.bind(group);
    group.execute = (command, options) => {
      stamps.push(options?.stamp);
      return execute(command);
    };
    const client = await BinaryClient.open(url);
    const [, , opened] = await client.call(1, 'open-session', 60_000, 5000);
    expect(opened).toEqual({ session: 1, ttlMs: 60_000 });
    expect(await client.call(2, 'keep-session', 1, 5000)).toEqual([2, 'ok', { session: 1 }]);
    expect(await client.call(3, 'command', 'sign', { names: ['a'] }, [1, 7, 3], 5000)).toMatchObject([3, 'ok', {}]);
    expect(await client.call(4, 'close-session', 1, 5000)).toEqual([4, 'ok', { session: 1 }]);
    expect(stamps).toEqual([{ session: 1, sequence: 7, acknowledged: 3 }]);
  });

  it('says the same of errors as HTTP, with details as they are', async () => {
    const { url, group } = await serve({ rejectionStatus: { teapot: 418 } });
    const client = await BinaryClient.open(url);
    expect(await client.call(1, 'command', 'refuse', {}, null, 5000)).toEqual([
      1,
      'error',
      {
        status: 409,
        code: 'closed',
        message: 'the book is closed',
        hint: expect.any(String),
        rejected: true,
        outcome: 'not-applied',
        index: 1,
        details: { since: 7n },
      },
    ]);
    expect(await client.call(2, 'command', 'rage', {}, null, 5000)).toMatchObject([2, 'error', { status: 418, code: 'teapot' }]);
    expect(await client.call(...sign(3, 7))).toMatchObject([
      3,
      'error',
      { status: 400, code: 'invalid_input', outcome: 'not-applied', issues: [{ path: 'names[0]' }] },
    ]);
    expect(await client.call(4, 'command', 'constructor', {}, null, 5000)).toMatchObject([4, 'error', { code: 'unknown_command' }]);
    group.setLeader(2);
    expect(await client.call(5, 'members', 'leader')).toMatchObject([5, 'error', { status: 421, code: 'not_leader', leader: null }]);
    group.setLeader(1);
    group.hold();
    expect(await client.call(6, 'command', 'sign', { names: ['a'] }, null, 5)).toMatchObject([
      6,
      'error',
      { status: 504, code: 'timeout', outcome: 'unknown' },
    ]);
  });

  it.each([
    ['an unknown kind', ['burn']],
    ['a kind that every object has', ['constructor']],
    ['no kind', []],
    ['a command without a timeout', ['command', 'sign', {}, null]],
    ['a stamp that is none', ['command', 'sign', {}, [1, 0, 0], 5000]],
    ['a bound on a read that is never stale', ['query', 'all', undefined, 'lease', 5, 5000]],
    ['a timeout beyond all bounds', ['open-session', 1000, 1e9]],
    ['a session that never ends', ['open-session', Number.POSITIVE_INFINITY, 5000]],
  ])('refuses %s, and goes on', async (_what, parts) => {
    const { url } = await serve();
    const client = await BinaryClient.open(url);
    expect(await client.call(1, ...parts)).toMatchObject([1, 'error', { status: 400, code: 'invalid_call', outcome: 'not-applied' }]);
    expect(await client.call(2, 'ping')).toEqual([2, 'ok', {}]);
  });

  it('answers in the order in which calls are done, up to a bound of calls', async () => {
    const { url, group } = await serve();
    const release = group.hold();
    const client = await BinaryClient.open(url);
    for (let id = 1; id <= 1024; id++) client.send(...sign(id, 'a'));
    expect(await client.call(...sign(1025, 'a'))).toMatchObject([1025, 'error', { status: 503, code: 'too_many_calls' }]);
    expect(await client.call(1026, 'ping')).toEqual([1026, 'ok', {}]);
    release();
    await until(() => client.messages.length === 1026);
    expect(group.status().appliedIndex).toBe(1024);
  });

  it('aborts the call that is cancelled, and all calls of a connection that is lost', async () => {
    const { url, group } = await serve();
    const signals: AbortSignal[] = [];
    const execute = group.execute.bind(group);
    group.execute = (command, options) => {
      if (options?.signal) signals.push(options.signal);
      return execute(command, options);
    };
    group.hold();
    const client = await BinaryClient.open(url);
    for (const id of [1, 2, 3]) client.send(...sign(id, 'a'));
    client.send(2, 'cancel');
    expect(await client.answer(2)).toMatchObject([2, 'error', { code: 'aborted', outcome: 'unknown' }]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false]);
    client.socket.destroy();
    await until(() => signals.every(({ aborted }) => aborted));
  });

  it('reads no further while answers are not taken', async () => {
    const { url, group } = await serve();
    await post(`${url}/v1/commands/sign`, { names: ['x'.repeat(1_000_000)] });
    let asked = 0;
    const query = group.query.bind(group);
    group.query = (...call) => {
      asked++;
      return query(...call);
    };
    const client = await BinaryClient.open(url);
    client.socket.pause();
    // One after the other, so that answers lie there before the next call does.
    for (let id = 1; id <= 60; id++) {
      client.send(id, 'query', 'all', undefined, 'stale', null, 5000);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asked).toBeLessThan(60);
    client.socket.resume();
    await client.answer(60);
    expect(client.messages).toHaveLength(60);
  });
});

describe('the end of a connection', () => {
  it('lets calls under way have their answers, and refuses others', async () => {
    const { url, group, gateway } = await serve({ closeTimeoutMs: 10_000 });
    const release = group.hold();
    const client = await BinaryClient.open(url);
    client.send(...sign(1, 'a'));
    await client.call(2, 'ping');
    const closed = gateway.close();
    expect(await client.answer(0)).toEqual([0, 'goodbye', expect.stringContaining('stopping')]);
    expect(await client.call(...sign(3, 'b'))).toMatchObject([3, 'error', { status: 503, code: 'closing', outcome: 'not-applied' }]);
    release();
    expect(await client.answer(1)).toMatchObject([1, 'ok', { index: 1 }]);
    await client.closed();
    await closed;
  });

  it('comes after a bounded time, whatever is under way', async () => {
    const { url, group, gateway } = await serve({ closeTimeoutMs: 20 });
    group.hold();
    const client = await BinaryClient.open(url);
    client.send(...sign(1, 'a'));
    await client.call(2, 'ping');
    await gateway.close();
    await client.closed();
  });

  it('comes to whoever is silent, and to nobody who waits', async () => {
    const { url, group } = await serve({ idleTimeoutMs: 20 });
    const release = group.hold();
    const [silent, waiting] = [await BinaryClient.open(url), await BinaryClient.open(url)];
    waiting.send(...sign(1, 'a'));
    expect(await silent.closed()).toEqual([0, 'goodbye', expect.stringContaining('too long')]);
    release();
    expect(await waiting.answer(1)).toMatchObject([1, 'ok', {}]);
  });

  it('comes before the beginning where there are too many', async () => {
    const { url } = await serve({ connectionsMax: 1 });
    const client = await BinaryClient.open(url);
    await expect(BinaryClient.open(url)).rejects.toThrow(/503 Service Unavailable[\s\S]*retry-after[\s\S]*too_many_connections/);
    client.socket.destroy();
    await expect
      .poll(async () =>
        BinaryClient.open(url).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });
});

describe('events over the binary protocol', () => {
  it('come from the journal and then live, on a connection of their own', async () => {
    const { url } = await serve();
    await post(`${url}/v1/commands/sign`, { names: ['a', 'b'] });
    const client = await BinaryClient.open(url);
    expect(await client.call(1, 'events', null, null)).toEqual([1, 'events', 1]);
    await post(`${url}/v1/commands/sign`, { names: ['c'] });
    await until(() => client.messages.length === 4);
    expect(client.messages[2]).toEqual([1, 'event', { index: 1, ordinal: 1, term: 1, time: 1000, type: 'signed', data: { name: 'b' } }]);
    expect(client.messages[3]).toMatchObject([1, 'event', { index: 2, ordinal: 0 }]);
    expect(await client.call(2, 'status')).toMatchObject([2, 'error', { code: 'invalid_call' }]);
    expect(await client.call(3, 'ping')).toEqual([3, 'ok', {}]);
    client.send(1, 'cancel');
    await until(() => client.messages.at(-1)?.[1] === 'end');
  });

  it('go on behind the one that was seen', async () => {
    const { url } = await serve();
    await post(`${url}/v1/commands/sign`, { names: ['a', 'b'] });
    const client = await BinaryClient.open(url);
    client.send(1, 'events', 5, [1, 0]);
    await until(() => client.messages.length === 2);
    expect(client.messages).toMatchObject([
      [1, 'events', 1],
      [1, 'event', { index: 1, ordinal: 1 }],
    ]);
  });

  it('that are gone are refused, and share the limit with server-sent events', async () => {
    const { url, group } = await serve({ streamsMax: 1 });
    group.compactTo(5);
    const client = await BinaryClient.open(url);
    expect(await client.call(1, 'events', 2, null)).toMatchObject([
      1,
      'error',
      { status: 410, code: 'journal_compacted', journalStart: 5 },
    ]);
    const controller = new AbortController();
    await fetch(`${url}/v1/events`, { signal: controller.signal });
    expect(await client.call(2, 'events', null, null)).toMatchObject([2, 'error', { status: 503, code: 'too_many_streams' }]);
    controller.abort();
  });

  it('end when the gateway closes, and wait for a slow reader', async () => {
    const { url, group, gateway } = await serve();
    const large = 'x'.repeat(500_000);
    for (let entry = 0; entry < 60; entry++) await post(`${url}/v1/commands/sign`, { names: [large] });
    let handedOut = 0;
    const events = group.events.bind(group);
    group.events = async function* (options) {
      for await (const batch of events(options)) {
        handedOut++;
        yield batch;
      }
    };
    const client = await BinaryClient.open(url);
    client.socket.pause();
    client.send(1, 'events', 1, null);
    let before = -1;
    while (before !== handedOut || handedOut === 0) {
      before = handedOut;
      for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(handedOut).toBeLessThan(60);
    client.socket.resume();
    await until(() => client.messages.length === 61);
    await gateway.close();
    await client.closed();
    expect(client.messages.map(([, kind]) => kind)).toContain('end');
    expect(group.streams).toBe(0);
  });
});

describe('another protocol', () => {
  const ask = async (url: string, head: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(head);
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    await once(socket, 'close');
    return text;
  };

  it('is not offered: the request is served as if it had not asked', async () => {
    const { url, group } = await serve();
    const body = '{"names":["ada"]}';
    const answer = await ask(
      url,
      `POST /v1/commands/sign HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
    expect(group.status().appliedIndex).toBe(1);
  });

  it.each(['', 'Connection: Upgrade\r\nUpgrade: flotilla-binary/2\r\n'])('is not spoken at /v1/binary', async (headers) => {
    const { url } = await serve();
    const answer = await ask(url, `GET /v1/binary HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 426 [\s\S]*upgrade: flotilla-binary\/1[\s\S]*upgrade_required/i);
  });
});
