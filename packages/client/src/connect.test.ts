import { accept, command, decodeValue, defineMachine, encodeValue, event, query } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import type { ClientOptions } from './options.ts';

// A schema by hand: this package needs no validation library, not even for its tests.
function schema<T>() {
  const types = undefined as { readonly input: T; readonly output: T } | undefined;
  return { '~standard': { version: 1 as const, vendor: 'test', types, validate: (value: unknown) => ({ value: value as T }) } };
}

const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { increment: command(schema<{ by: number }>(), (state, { by }) => accept(state.n + by, [event('incremented', { by })])) },
  events: { incremented: (state, { by }: { by: number }) => ({ n: state.n + by }) },
  queries: { value: query((state) => state.n), times: query(schema<{ factor: number }>(), (state, { factor }) => state.n * factor) },
});

type Step = Response | Error | 'hang';

/** A network of scripted answers: the n-th request gets the n-th step, the last one for ever. */
function scripted(...steps: readonly Step[]) {
  const requests: { readonly url: string; readonly body: unknown; readonly headers: Record<string, string> }[] = [];
  const fetch = (async (url: string, init: RequestInit) => {
    const step = steps[Math.min(requests.length, steps.length - 1)];
    const body = init.body instanceof Uint8Array ? decodeValue(init.body) : undefined;
    requests.push({ url, body, headers: init.headers as Record<string, string> });
    if (step === 'hang')
      return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true }));
    if (step instanceof Response) return step.clone();
    throw step;
  }) as typeof globalThis.fetch;
  return { requests, fetch, endpoints: () => requests.map(({ url }) => new URL(url).host) };
}

const answer = (value: object) => new Response(new Uint8Array(encodeValue(value)), { headers: { 'content-type': 'application/msgpack' } });
const failure = (status: number, error: object) => Response.json({ error: { message: 'm', hint: 'h', ...error } }, { status });
const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
const everyAddressRefused = new TypeError('fetch failed', {
  cause: new AggregateError([
    Object.assign(new Error('v6'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('v4'), { code: 'EHOSTUNREACH' }),
  ]),
});
const reset = new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
const noLeader = failure(503, { code: 'no_leader', outcome: 'not-applied' });
const unknownOutcome = failure(503, { code: 'leadership_lost', outcome: 'unknown' });
const three = ['a:1', 'b:2', 'c:3'];

function client(network: { fetch: typeof fetch }, options: ClientOptions = {}, endpoints = three) {
  return connect(counter, endpoints, {
    fetch: network.fetch,
    session: false,
    backoffFirstMs: 1,
    backoffMaxMs: 2,
    membersIntervalMs: 0,
    ...options,
  });
}

describe('calls', () => {
  it('carry commands and queries with their types', async () => {
    const network = scripted(answer({ reply: 7 }), answer({ result: 8 }), answer({ result: 16 }));
    const c = await client(network);
    const reply: number = await c.increment({ by: 7 });
    const value: number = await c.value({ consistency: 'stale' });
    const times: number = await c.times({ factor: 2 });
    expect([reply, value, times]).toEqual([7, 8, 16]);
    expect(network.requests.map(({ url }) => url.replace(/timeoutMs=\d+/, 'timeoutMs=…'))).toEqual([
      'http://a:1/v1/commands/increment?timeoutMs=…',
      'http://a:1/v1/queries/value?consistency=stale&timeoutMs=…',
      'http://a:1/v1/queries/times?consistency=linearizable&timeoutMs=…',
    ]);
    expect(network.requests.map(({ body }) => body)).toEqual([{ by: 7 }, undefined, { factor: 2 }]);
    // @ts-expect-error the input is checked
    void (() => c.increment({ by: 'one' }));
    // @ts-expect-error so is the name
    void (() => c.decrement({ by: 1 }));
  });

  it('says where in the log a command is, and how much of it an answer knows of', async () => {
    const network = scripted(answer({ index: 12, term: 3, reply: 7 }), answer({ index: 13, result: 8 }));
    const c = client(network);
    expect(await c.$execute('increment', { by: 7 })).toEqual({ index: 12, term: 3, reply: 7 });
    expect(await c.$query('value', undefined, { consistency: 'lease' })).toEqual({ index: 13, result: 8 });
    expect(network.requests[1]?.url).toContain('/v1/queries/value?consistency=lease');
  });

  it('go on to the next endpoint and stay there', async () => {
    const network = scripted(refused, everyAddressRefused, answer({ reply: 1 }));
    const c = client(network);
    expect(await c.increment({ by: 1 })).toBe(1);
    expect(await c.increment({ by: 1 })).toBe(1);
    expect(network.endpoints()).toEqual(['a:1', 'b:2', 'c:3', 'c:3']);
  });

  it('come back to an endpoint once all were tried', async () => {
    const network = scripted(noLeader, noLeader, noLeader, noLeader, answer({ reply: 1 }));
    expect(await client(network).increment({ by: 1 })).toBe(1);
    expect(network.endpoints()).toEqual(['a:1', 'b:2', 'c:3', 'a:1', 'b:2']);
  });

  it.each<[string, Step, string]>([
    ['a connection that broke', reset, 'connection_lost'],
    ['a failure that a browser does not explain', new TypeError('Failed to fetch'), 'connection_lost'],
    ['an unknown outcome', unknownOutcome, 'leadership_lost'],
    ['a gateway timeout', failure(504, { code: 'timeout', outcome: 'unknown' }), 'timeout'],
    ['a proxy without an answer', new Response('<html>', { status: 503 }), 'unexpected_answer'],
    ['an answer that is damaged', new Response('{"rep', { status: 200 }), 'connection_lost'],
    ['an answer of somebody else', new Response('[]', { status: 200 }), 'unexpected_answer'],
  ])('never repeat a command after %s', async (_what, step, code) => {
    const network = scripted(step, answer({ reply: 1 }));
    await expect(client(network).increment({ by: 1 })).rejects.toMatchObject({ name: 'ClientError', code, outcome: 'unknown' });
    expect(network.requests).toHaveLength(1);
  });

  it.each<[string, Step]>([
    ['a connection that broke', reset],
    ['an unknown outcome', unknownOutcome],
    ['a proxy without an answer', new Response('<html>', { status: 502 })],
    ['a member that failed', failure(500, { code: 'member_failed', outcome: 'unknown' })],
  ])('repeat a query after %s', async (_what, step) => {
    const network = scripted(step, answer({ result: 1 }));
    expect(await client(network).value()).toBe(1);
    expect(network.endpoints()).toEqual(['a:1', 'b:2']);
  });

  it('ask another member where one does not answer a query', async () => {
    const network = scripted('hang', answer({ result: 1 }));
    expect(await client(network, { attemptTimeoutMs: 5 }).value()).toBe(1);
  });

  it.each<[string, Response, object]>([
    [
      'rejections',
      failure(409, { code: 'full', rejected: true, details: { max: 1 }, index: 3 }),
      { name: 'CommandRejected', code: 'full', outcome: 'not-applied', details: { max: 1 }, index: 3, status: 409, hint: 'h' },
    ],
    [
      'bad input',
      failure(400, { code: 'invalid_input', outcome: 'not-applied' }),
      { name: 'ClientError', code: 'invalid_input', outcome: 'not-applied', status: 400 },
    ],
    ['unknown paths', failure(404, { code: 'not_found' }), { code: 'not_found', outcome: 'not-applied' }],
  ])('report %s without another attempt', async (_what, response, expected) => {
    const network = scripted(response);
    await expect(client(network).increment({ by: 1 })).rejects.toMatchObject(expected);
    expect(network.requests).toHaveLength(1);
  });

  it('refuse what cannot be sent', async () => {
    const network = scripted(answer({}));
    await expect(client(network).increment({ by: (() => 1) as unknown as number })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(network.requests).toEqual([]);
  });
});

describe('the end of a call', () => {
  it('by time is certain where no attempt was under way', async () => {
    const error = await client(scripted(noLeader))
      .increment({ by: 1 }, { timeoutMs: 20 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'timeout', outcome: 'not-applied', message: expect.stringContaining('20 ms') });
  });

  it('by time is uncertain where one was', async () => {
    const c = client(scripted('hang'), { timeoutMs: 10 });
    await expect(c.increment({ by: 1 })).rejects.toMatchObject({ code: 'timeout', outcome: 'unknown' });
    await expect(c.value()).rejects.toMatchObject({ code: 'timeout', outcome: 'not-applied' });
  });

  it('by its signal', async () => {
    const controller = new AbortController();
    const call = client(scripted('hang')).increment({ by: 1 }, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted', outcome: 'unknown' });
  });

  it('by the end of the client', async () => {
    const c = client(scripted('hang'));
    const call = c.increment({ by: 1 });
    c.$close();
    await expect(call).rejects.toMatchObject({ code: 'closed', outcome: 'unknown' });
    await expect(c.increment({ by: 1 })).rejects.toMatchObject({ code: 'closed', outcome: 'not-applied' });
  });
});

describe('endpoints', () => {
  it.each([
    ['127.0.0.1:7001', 'http://127.0.0.1:7001/v1/status'],
    ['[::1]:7001', 'http://[::1]:7001/v1/status'],
    ['https://flotilla.example/base/', 'https://flotilla.example/base/v1/status'],
  ])('may be %s', async (endpoint, url) => {
    const network = scripted(answer({ member: 1 }));
    expect(await client(network, {}, [endpoint]).$status()).toEqual({ member: 1 });
    expect(network.requests[0]?.url).toBe(url);
  });

  it.each([[[]], [['']], [['ftp://x']], [['a b']]])('cannot be %j', (endpoints) => {
    expect(() => client(scripted(answer({})), {}, endpoints)).toThrow(expect.objectContaining({ code: 'invalid_endpoint' }));
  });
});

describe('events', () => {
  const data = (index: number, ordinal: number) =>
    Buffer.from(encodeValue({ index, ordinal, term: 1, time: 0, type: 'incremented', data: { by: index } })).toString('base64');
  const message = (index: number, ordinal = 0) => `id: ${index}-${ordinal}\nevent: incremented\ndata: ${data(index, ordinal)}\n\n`;
  const stream = (text: string, headers: Record<string, string> = {}) =>
    new Response(text, { headers: { 'content-type': 'text/event-stream', ...headers } });

  async function take(events: AsyncIterable<{ index: number; ordinal: number }>, count: number) {
    const places: string[] = [];
    for await (const { index, ordinal } of events) {
      places.push(`${index}-${ordinal}`);
      if (places.length === count) break;
    }
    return places;
  }

  it('go on behind the last one, on the next endpoint, without repetition', async () => {
    const network = scripted(
      stream(message(4) + message(5, 0)),
      refused,
      stream(message(5, 0) + message(5, 1)),
      failure(503, { code: 'closing' }),
      stream(message(6)),
    );
    expect(await take(client(network).$events({ from: 4 }), 4)).toEqual(['4-0', '5-0', '5-1', '6-0']);
    expect(network.endpoints()).toEqual(['a:1', 'b:2', 'c:3', 'a:1', 'b:2']);
    expect(network.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '5-0', '5-0', '5-1', '5-1']);
  });

  it('start where the first server started, wherever they go on', async () => {
    const network = scripted(stream('', { 'flotilla-events-from': '3' }), stream(message(3)));
    expect(await take(client(network).$events(), 1)).toEqual(['3-0']);
    expect(network.requests.map(({ url }) => new URL(url).searchParams.get('from'))).toEqual([null, '3']);
  });

  it.each([
    ['before the stream', failure(410, { code: 'journal_compacted' })],
    ['within it', stream('event: flotilla-error\ndata: {"error":{"code":"journal_compacted","message":"m","hint":"h"}}\n\n')],
  ])('fail where they are no longer kept, said %s', async (_what, response) => {
    await expect(take(client(scripted(response)).$events({ from: 1 }), 1)).rejects.toMatchObject({ code: 'journal_compacted', hint: 'h' });
  });

  it.each([
    ['somebody else answers', new Response('<html>')],
    ['an event is no base64', stream('data: ***\n\n')],
    ['an event is no MessagePack', stream('data: wQ==\n\n')],
    ['an error is no JSON', stream('event: flotilla-error\ndata: {\n\n')],
  ])('fail where %s', async (_what, response) => {
    const network = scripted(response);
    await expect(take(client(network).$events(), 1)).rejects.toMatchObject({ code: 'unexpected_answer' });
    expect(network.requests).toHaveLength(1);
  });

  it('are looked for elsewhere where a stream falls silent', async () => {
    const network = scripted('hang', stream(message(1)));
    expect(await take(client(network, { idleTimeoutMs: 5 }).$events(), 1)).toEqual(['1-0']);
  });

  it('end with their signal, and with the client', async () => {
    const controller = new AbortController();
    const c = client(scripted('hang'));
    const [one, other] = [take(c.$events({ signal: controller.signal }), 1), take(c.$events(), 1)];
    controller.abort();
    expect(await one).toEqual([]);
    c.$close();
    expect(await other).toEqual([]);
  });
});
