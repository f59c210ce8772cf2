import { request } from 'node:http';
import { FlotillaError } from '@flotilla/core';
import { HttpGateway } from '@flotilla/gateway-http';
import { RuntimeError, type RuntimeErrorCode } from '@flotilla/runtime';
import { decodeValue, encodeValue, MachineError, type MachineErrorCode } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { guestbook, post, serve, until } from './guestbook.ts';

const json = { 'content-type': 'application/json' };
const msgpack = { 'content-type': 'application/msgpack', accept: 'application/msgpack' };

describe('commands and queries', () => {
  it('take and give JSON', async () => {
    const { url } = await serve();
    expect(await post(`${url}/v1/commands/sign`, { names: ['ada', 'bob'] })).toMatchObject({
      status: 200,
      body: { index: 1, term: 1, reply: { count: 2 } },
    });
    expect((await post(`${url}/v1/queries/at`, { position: 1 })).body).toEqual({ index: 1, result: 'bob' });
    expect((await fetch(`${url}/v1/queries/all`, { method: 'POST' }).then((response) => response.json())) as unknown).toEqual({
      index: 1,
      result: ['ada', 'bob'],
    });
  });

  it('take and give MessagePack, with bytes as they are', async () => {
    const { url } = await serve();
    const name = Uint8Array.of(0xff, 0, 1);
    const body = Buffer.from(encodeValue({ names: [name] }));
    const signed = await fetch(`${url}/v1/commands/sign`, { method: 'POST', headers: msgpack, body });
    expect(signed.headers.get('content-type')).toBe('application/msgpack');
    expect(decodeValue(new Uint8Array(await signed.arrayBuffer()))).toEqual({ index: 1, term: 1, reply: { count: 1 } });
    const all = await fetch(`${url}/v1/queries/all`, { method: 'POST', headers: msgpack });
    expect(decodeValue(new Uint8Array(await all.arrayBuffer()))).toEqual({ index: 1, result: [name] });
  });

  it('show bytes in JSON as text where they are text, otherwise as base64', async () => {
    const { url } = await serve();
    const body = Buffer.from(encodeValue({ names: [Uint8Array.of(0xc3, 0xa9), Uint8Array.of(0xff)] }));
    await fetch(`${url}/v1/commands/sign`, { method: 'POST', headers: { 'content-type': 'application/msgpack' }, body });
    expect((await post(`${url}/v1/queries/all`)).body).toMatchObject({ result: ['é', { base64: '/w==' }] });
  });

  it('answer rejections with 409, with what the app says, and with the index', async () => {
    const { url } = await serve({ rejectionStatus: { teapot: 418 } });
    expect(await post(`${url}/v1/commands/refuse`)).toMatchObject({
      status: 409,
      body: { error: { code: 'closed', message: 'the book is closed', rejected: true, index: 1, details: { since: '7' } } },
    });
    expect(await post(`${url}/v1/commands/rage`)).toMatchObject({ status: 418, body: { error: { code: 'teapot' } } });
    expect(await post(`${url}/v1/commands/break`)).toMatchObject({ status: 500, body: { error: { code: 'machine_defect' } } });
  });

  it('name the path of invalid input, and what is unknown', async () => {
    const { url } = await serve();
    expect(await post(`${url}/v1/commands/sign`, { names: ['a', 7] })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_input', outcome: 'not-applied', issues: [{ path: 'names[1]' }] } },
    });
    expect(await post(`${url}/v1/commands/nope`)).toMatchObject({ status: 404, body: { error: { code: 'unknown_command' } } });
    expect(await post(`${url}/v1/queries/constructor`)).toMatchObject({ status: 404, body: { error: { code: 'unknown_query' } } });
  });

  it('pass consistency and timeout on', async () => {
    const { url, group } = await serve();
    group.setLeader(null);
    expect(await post(`${url}/v1/queries/all?consistency=linearizable`)).toMatchObject({
      status: 503,
      body: { error: { code: 'no_leader' } },
    });
    expect(await post(`${url}/v1/queries/all?consistency=stale`)).toMatchObject({ status: 200 });
    group.setLeader(1);
    group.hold();
    expect(await post(`${url}/v1/commands/sign?timeoutMs=5`, { names: ['a'] })).toMatchObject({
      status: 504,
      body: { error: { code: 'timeout', outcome: 'unknown' } },
    });
  });

  it('abort when the client goes away', async () => {
    const { url, group } = await serve();
    const seen: AbortSignal[] = [];
    const execute = group.execute.bind(group);
    group.execute = (command, options) => {
      if (options?.signal) seen.push(options.signal);
      return execute(command, options);
    };
    group.hold();
    const controller = new AbortController();
    const call = fetch(`${url}/v1/commands/sign`, { method: 'POST', body: '{"names":["a"]}', headers: json, signal: controller.signal });
    await until(() => seen.length === 1);
    controller.abort();
    await expect(call).rejects.toThrow();
    await until(() => seen[0]?.aborted === true);
  });
});

describe('errors', () => {
  const runtime: Partial<Record<RuntimeErrorCode, number | null>> = {
    no_leader: 503,
    leadership_lost: 503,
    overloaded: 503,
    stopped: 503,
    timeout: 504,
    aborted: 499,
    payload_too_large: 413,
    member_failed: 500,
    state_diverged: 503,
  };
  it.each(Object.entries(runtime))('%s of the runtime gives %s', async (code, status) => {
    const { url, group, errors } = await serve();
    group.failNext(new RuntimeError(code as RuntimeErrorCode, 'unknown', 'message', 'hint'));
    const answer = await post(`${url}/v1/commands/sign`, { names: ['a'] });
    expect(answer).toMatchObject({ status, body: { error: { code, message: 'message', hint: 'hint', outcome: 'unknown' } } });
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
    expect(errors).toHaveLength(status === 500 ? 1 : 0);
  });

  const machine: Record<MachineErrorCode, number> = {
    unknown_command: 404,
    unknown_query: 404,
    invalid_input: 400,
    malformed_payload: 400,
    machine_defect: 500,
    nondeterministic: 500,
  };
  it.each(Object.entries(machine))('%s of the machine gives %s', async (code, status) => {
    const { url, group } = await serve();
    group.failNext(new MachineError(code as MachineErrorCode, 'message', 'hint'));
    expect(await post(`${url}/v1/queries/all`)).toMatchObject({ status, body: { error: { code, hint: 'hint' } } });
  });

  it('that nobody foresaw show nothing of the inside', async () => {
    const { url, group, errors } = await serve();
    group.failNext(new Error('inner secret'));
    const answer = await post(`${url}/v1/queries/all`);
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|\.ts/);
    expect(errors).toMatchObject([{ message: 'inner secret' }]);
  });

  it('of the journal give 410', async () => {
    const { url, group } = await serve();
    group.failNext(new FlotillaError('journal_compacted', 'gone', 'hint'));
    expect(await post(`${url}/v1/queries/all`)).toMatchObject({ status: 410, body: { error: { code: 'journal_compacted' } } });
  });

  it.each<[string, string, RequestInit, number, string]>([
    ['malformed JSON', '/v1/commands/sign', { method: 'POST', headers: json, body: '{"names":' }, 400, 'invalid_json'],
    [
      'JSON that is not UTF-8',
      '/v1/commands/sign',
      { method: 'POST', headers: json, body: Uint8Array.of(0x22, 0xff, 0x22) },
      400,
      'invalid_json',
    ],
    ['a key __proto__', '/v1/commands/sign', { method: 'POST', headers: json, body: '{"__proto__":{}}' }, 400, 'invalid_json'],
    [
      'JSON nested beyond all measure',
      '/v1/commands/sign',
      { method: 'POST', headers: json, body: '['.repeat(200_000) + ']'.repeat(200_000) },
      400,
      'invalid_json',
    ],
    [
      'JSON nested too deep',
      '/v1/queries/at',
      { method: 'POST', headers: json, body: `${'['.repeat(65)}${']'.repeat(65)}` },
      400,
      'invalid_json',
    ],
    ['malformed MessagePack', '/v1/commands/sign', { method: 'POST', headers: msgpack, body: Uint8Array.of(0xc1) }, 400, 'invalid_msgpack'],
    [
      'a form',
      '/v1/commands/sign',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
      400,
      'unsupported_content_type',
    ],
    ['no content type', '/v1/commands/sign', { method: 'POST', body: Uint8Array.of(1) }, 400, 'unsupported_content_type'],
    [
      'nonsense as content type',
      '/v1/commands/sign',
      { method: 'POST', headers: { 'content-type': ';;' }, body: 'a' },
      400,
      'unsupported_content_type',
    ],
    ['an unknown consistency', '/v1/queries/all?consistency=strong', { method: 'POST' }, 400, 'invalid_query'],
    ['an unknown parameter', '/v1/queries/all?consistancy=stale', { method: 'POST' }, 400, 'invalid_query'],
    ['a parameter twice', '/v1/queries/all?timeoutMs=1&timeoutMs=2', { method: 'POST' }, 400, 'invalid_query'],
    ['a timeout that is no number', '/v1/queries/all?timeoutMs=soon', { method: 'POST' }, 400, 'invalid_query'],
    ['bad percent-encoding in the query', '/v1/queries/all?%ff=1', { method: 'POST' }, 400, 'invalid_query'],
    ['bad percent-encoding in the path', '/v1/queries/%ff', { method: 'POST' }, 400, 'invalid_path'],
    ['a path that is not there', '/v2/anything', {}, 404, 'not_found'],
    ['a method that is not there', '/v1/commands/sign', {}, 405, 'method_not_allowed'],
    ['a method that is not there, with a body', '/v1/status', { method: 'PUT', headers: json, body: '{' }, 405, 'method_not_allowed'],
  ])('answer %s', async (_what, path, init, status, code) => {
    const { url, errors } = await serve();
    const response = await fetch(`${url}${path}`, init);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status,
      body: { error: { code, message: expect.any(String), hint: expect.any(String) } },
    });
    if (status === 405) expect(response.headers.get('allow')).toMatch(/GET|POST/);
    expect(errors).toEqual([]);
  });

  it('answer a body beyond the limit before it is read', async () => {
    const { url } = await serve({ bodyBytesMax: 1000 });
    const { port } = new URL(url);
    const status = await new Promise((resolve, reject) => {
      const headers = { ...json, 'content-length': 10_000_000_000 };
      const call = request({ port, path: '/v1/commands/sign', method: 'POST', headers }, (response) => resolve(response.statusCode));
      call.on('error', reject).flushHeaders();
    });
    expect(status).toBe(413);
    const streamed = await fetch(`${url}/v1/commands/sign`, {
      method: 'POST',
      headers: json,
      body: new Blob(['x'.repeat(2000)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect({ status: streamed.status, body: await streamed.json() }).toMatchObject({
      status: 413,
      body: { error: { code: 'payload_too_large' } },
    });
  });

  it('answer what is not HTTP', async () => {
    const { url } = await serve();
    const { connect } = await import('node:net');
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('"code":"bad_request"');
  });
});

it('what is no HTTP behind a command under way is not answered in the place of that command', async () => {
  const { url } = await serve();
  const { connect } = await import('node:net');
  const body = JSON.stringify({ name: 'Ada' });
  const head = `POST /v1/commands/sign HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${head}${body}nonsense\r\n\r\n`));
    socket.on('data', (chunk) => (text += chunk)).on('error', () => {});
    socket.on('close', () => resolve(text));
  });
  expect(answer).not.toContain('not-applied');
});

describe('status, health and readiness', () => {
  it('say what the member knows', async () => {
    const { url } = await serve({ hostInfo: () => ({ address: '127.0.0.1:1' }) });
    expect(await fetch(`${url}/v1/status`).then((response) => response.json())).toMatchObject({
      member: 1,
      role: 'leader',
      appliedIndex: 0,
      machine: { name: 'guestbook', version: 1 },
      journalStart: 1,
      host: { address: '127.0.0.1:1' },
    });
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  });

  it('is ready once a leader is known and the member caught up, and stays so', async () => {
    const { url, group } = await serve();
    const ready = async () => (await fetch(`${url}/v1/ready`)).status;
    expect(await ready()).toBe(503);
    await post(`${url}/v1/commands/sign`, { names: ['a'] });
    expect(await ready()).toBe(200);
    const status = group.status();
    group.status = () => ({ ...status, commitIndex: 9 });
    expect(await ready()).toBe(200);
    group.status = () => ({ ...status, leader: null });
    expect(await ready()).toBe(503);
  });
});

describe('the life of a gateway', () => {
  it('names the port that is in use and what to do', async () => {
    const { url, group } = await serve();
    const port = Number(new URL(url).port);
    const second = new HttpGateway({ group, machine: guestbook, host: '127.0.0.1', port });
    await expect(second.start()).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('another port'),
    });
    await second.close();
    const elsewhere = new HttpGateway({ group, machine: guestbook, host: '203.0.113.1', port: 0 });
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'address_unavailable' });
  });

  it('lets a request under way finish when it closes', async () => {
    const { url, group, gateway } = await serve({ closeTimeoutMs: 10_000 });
    const release = group.hold();
    let entered = false;
    const execute = group.execute.bind(group);
    group.execute = (command, options) => {
      entered = true;
      return execute(command, options);
    };
    const call = post(`${url}/v1/commands/sign`, { names: ['a'] });
    await until(() => entered);
    const closed = gateway.close();
    release();
    expect(await call).toMatchObject({ status: 200 });
    await closed;
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
  });

  it('does not wait for one beyond its bound', async () => {
    const { url, group, gateway } = await serve({ closeTimeoutMs: 20 });
    group.hold();
    const call = post(`${url}/v1/commands/sign?timeoutMs=60000`, { names: ['a'] });
    const failed = expect(call).rejects.toThrow();
    await until(() => group.status().appliedIndex === 0);
    await gateway.close();
    await failed;
  });
});
