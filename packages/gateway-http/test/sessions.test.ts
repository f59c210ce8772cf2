import { RuntimeError, type RuntimeErrorCode } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { BinaryClient } from './binary-client.ts';
import { post, serve } from './guestbook.ts';

const json = { 'content-type': 'application/json' };

async function send(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a session', () => {
  it('is opened, kept and closed', async () => {
    const { url } = await serve();
    expect(await post(`${url}/v1/sessions`, { ttlMs: 60_000 })).toMatchObject({ status: 200, body: { session: 1, ttlMs: 60_000 } });
    expect(await send(`${url}/v1/sessions/1/keep`, { method: 'POST' })).toEqual({ status: 200, body: { session: 1 } });
    expect(await send(`${url}/v1/sessions/1?timeoutMs=5000`, { method: 'DELETE' })).toEqual({ status: 200, body: { session: 1 } });
  });

  it.each([
    ['no length', {}],
    ['a length that is none', { ttlMs: 0 }],
    ['less than a second', { ttlMs: 999 }],
    ['more than an hour', { ttlMs: 3_600_001 }],
    ['one beyond all bounds', { ttlMs: 1e12 }],
    ['more than that', { ttlMs: 1000, name: 'mine' }],
  ])('with %s is refused', async (_what, body) => {
    const { url } = await serve();
    expect(await post(`${url}/v1/sessions`, body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_input' } } });
  });

  it.each(['0', 'x', '1.5', '9'.repeat(17), '-1'])('%s is none', async (id) => {
    const { url } = await serve();
    expect(await send(`${url}/v1/sessions/${id}`, { method: 'DELETE' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_path', outcome: 'not-applied' } },
    });
  });

  const refusals: Partial<Record<RuntimeErrorCode, number>> = {
    session_expired: 410,
    sequence_answered: 409,
    reply_forgotten: 409,
    session_window_exceeded: 409,
    too_many_sessions: 503,
    version_changed: 503,
  };
  it.each(Object.entries(refusals))('that the group refuses with %s gives %i', async (code, status) => {
    const { url, group } = await serve();
    group.failNext(new RuntimeError(code as RuntimeErrorCode, 'not-applied', 'message', 'hint'));
    const answer = await post(`${url}/v1/sessions`, { ttlMs: 1000 });
    expect(answer).toMatchObject({ status, body: { error: { code, outcome: 'not-applied' } } });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
  });
});

describe('a command that is sent again', () => {
  it('is applied once, over whichever protocol it comes', async () => {
    const { url, group } = await serve();
    const { session } = (await post(`${url}/v1/sessions`, { ttlMs: 60_000 })).body;
    const headers = { ...json, 'flotilla-session': String(session), 'flotilla-sequence': '1', 'flotilla-acknowledged': '1' };
    const first = await send(`${url}/v1/commands/sign`, { method: 'POST', headers, body: '{"names":["a"]}' });
    expect(first).toMatchObject({ status: 200, body: { reply: { count: 1 } } });
    expect(await send(`${url}/v1/commands/sign`, { method: 'POST', headers, body: '{"names":["a"]}' })).toEqual(first);
    const client = await BinaryClient.open(url);
    expect(await client.call(1, 'command', 'sign', { names: ['a'] }, [session, 1, 1], 5000)).toEqual([1, 'ok', first.body]);
    expect(await client.call(2, 'command', 'sign', { names: ['b'] }, [session, 2, 2], 5000)).toMatchObject([
      2,
      'ok',
      { reply: { count: 2 } },
    ]);
    expect(await client.call(3, 'command', 'sign', { names: ['a'] }, [session, 1, 2], 5000)).toMatchObject([
      3,
      'error',
      {
        status: 409,
        code: 'sequence_answered',
        outcome: 'not-applied',
        hint: expect.stringContaining('an earlier command with this number'),
      },
    ]);
    await send(`${url}/v1/sessions/${session}`, { method: 'DELETE' });
    expect(await client.call(4, 'command', 'sign', { names: ['c'] }, [session, 3, 3], 5000)).toMatchObject([
      4,
      'error',
      { status: 410, code: 'session_expired', outcome: 'not-applied', hint: expect.stringContaining('whether an earlier one') },
    ]);
    expect((await group.query('all', undefined)).result).toEqual(['a', 'b']);
  });
});

describe('the stamp of a command', () => {
  const stamped = (url: string, headers: Record<string, string>) =>
    send(`${url}/v1/commands/sign`, { method: 'POST', headers: { ...json, ...headers }, body: '{"names":["a"]}' });

  it('is passed on', async () => {
    const { url, group } = await serve();
    const stamps: unknown[] = [];
    const execute = group.execute.bind(group);
    group.execute = (command, options) => {
      stamps.push(options?.stamp);
      return execute(command);
    };
    await stamped(url, { 'flotilla-session': '4', 'flotilla-sequence': '2', 'flotilla-acknowledged': '1' });
    await stamped(url, {});
    expect(stamps).toEqual([{ session: 4, sequence: 2, acknowledged: 1 }, undefined]);
  });

  it.each([
    [{ 'flotilla-session': '4' }, /lacks flotilla-sequence and flotilla-acknowledged/],
    [{ 'flotilla-session': '4', 'flotilla-sequence': '2' }, /lacks flotilla-acknowledged/],
    [{ 'flotilla-session': '0', 'flotilla-sequence': '2', 'flotilla-acknowledged': '1' }, /flotilla-session/],
    [{ 'flotilla-session': '4', 'flotilla-sequence': 'two', 'flotilla-acknowledged': '1' }, /"two".*flotilla-sequence/],
    [{ 'flotilla-session': '4', 'flotilla-sequence': '2', 'flotilla-acknowledged': '-1' }, /flotilla-acknowledged/],
  ])('is whole: %o', async (headers, message) => {
    const { url, group } = await serve();
    expect(await stamped(url, headers)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_header', message: expect.stringMatching(message), outcome: 'not-applied' } },
    });
    expect(group.status().appliedIndex).toBe(0);
  });
});

it('a command whose reply cannot be shown was applied all the same', async () => {
  const { url, group, errors } = await serve();
  const execute = group.execute.bind(group);
  group.execute = async (...call) => {
    const { index, term } = await execute(...call);
    const reply: Record<string, unknown> = { of: () => 'a machine that was written by hand' };
    reply.self = reply;
    return { index, term, outcome: { kind: 'accepted', reply, events: [] } };
  };
  for (const accept of ['application/json', 'application/msgpack']) {
    const call = { method: 'POST', headers: { ...json, accept }, body: '{"names":["a"]}' };
    expect(await send(`${url}/v1/commands/sign`, call)).toMatchObject({
      status: 500,
      body: { error: { code: 'machine_defect', outcome: 'unknown', index: expect.any(Number) } },
    });
  }
  expect(errors).toHaveLength(2);
});
