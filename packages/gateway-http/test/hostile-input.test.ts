import { once } from 'node:events';
import { encodeValue, inputDepthMax, inputItemsMax } from '@flotilla/state-machine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryClient, framed } from './binary-client.ts';
import { post, type Served, serve } from './guestbook.ts';

const text = (value: string) => Buffer.from(encodeValue(value));
const mebibyte = 1024 * 1024;

/** Inputs in MessagePack, as nobody who means well would write them. */
const hostileInputs: Readonly<Record<string, Buffer>> = {
  'a key __proto__': Buffer.concat([Buffer.of(0x81), text('__proto__'), encodeValue({ names: ['a'] })]),
  'a key __proto__ within': Buffer.concat([Buffer.of(0x81), text('names'), Buffer.of(0x81), text('__proto__'), encodeValue({})]),
  'a key constructor': Buffer.from(encodeValue({ constructor: { prototype: { polluted: true } } })),
  'nested 100 deep': Buffer.from([...Array(100).fill(0x91), 0xc0]),
  'nested 10,000 deep': Buffer.from([...Array(10_000).fill(0x91), 0xc0]),
  'a text of 10 MiB where there should be a number': text('x'.repeat(10 * mebibyte)),
  'a text that claims 4 GiB': Buffer.from('81a56e616d6573dbffffffff', 'hex'),
  'an array that claims 4 GiB': Buffer.from('ddffffffff', 'hex'),
  'a text that is not UTF-8': Buffer.concat([Buffer.of(0x81), text('names'), Buffer.of(0x91, 0xa2, 0xc3, 0x28)]),
  'half a surrogate pair': Buffer.concat([Buffer.of(0x81), text('names'), Buffer.of(0x91, 0xa3, 0xed, 0xa0, 0x80)]),
  'not a number': Buffer.from(encodeValue({ position: Number.NaN })),
  infinity: Buffer.from(encodeValue({ position: Number.POSITIVE_INFINITY })),
  'a byte that begins nothing': Buffer.of(0xc1),
  nothing: Buffer.alloc(0),
};

const calls = [
  ['command', 'sign'],
  ['query', 'at'],
] as const;

/** Whatever came before, nothing changed, nothing was this member's fault, and others are served. */
async function expectUnharmed({ url, group, errors }: Served, index = 0) {
  expect(errors).toEqual([]);
  expect(group.status().appliedIndex).toBe(index);
  expect((Object.prototype as Record<string, unknown>).polluted).toBeUndefined();
  expect((await post(`${url}/v1/queries/all`)).body).toEqual({ index, result: [] });
}

describe('hostile input', () => {
  it.each(Object.entries(hostileInputs))('%s is refused over HTTP', async (_what, input) => {
    const served = await serve({ bodyBytesMax: 11 * mebibyte });
    for (const [kind, name] of calls) {
      const path = `${served.url}/v1/${kind === 'command' ? 'commands' : 'queries'}/${name}`;
      const response = await fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/msgpack' },
        body: new Uint8Array(input),
      });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeLessThan(10_000);
    }
    await expectUnharmed(served);
  });

  it.each([
    ['a key __proto__ within', '{"names":[{"__proto__":{"polluted":true}}]}'],
    ['a key constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
    ['nested 100 deep', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['nested 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a text of 10 MiB', JSON.stringify({ position: 'x'.repeat(10 * mebibyte) })],
    ['not a number', '{"position":NaN}'],
    ['beyond all numbers', '{"position":1e999}'],
  ])('%s is refused in JSON', async (_what, body) => {
    const served = await serve({ bodyBytesMax: 11 * mebibyte });
    for (const path of ['/v1/commands/sign', '/v1/queries/at']) {
      const response = await fetch(`${served.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeLessThan(10_000);
    }
    await expectUnharmed(served);
  });

  it.each(Object.entries(hostileInputs))('%s is refused over the binary protocol, and the connection goes on', async (_what, input) => {
    const served = await serve({ bodyBytesMax: 11 * mebibyte });
    const client = await BinaryClient.open(served.url);
    for (const [at, [kind, name]] of calls.entries()) {
      const more = kind === 'command' ? [null, 5000] : ['linearizable', null, 5000];
      const parts = [at + 1, kind, name].map((part) => encodeValue(part));
      client.socket.write(
        framed(Buffer.concat([Buffer.of(0x93 + more.length + 1), ...parts, input, ...more.map((part) => encodeValue(part))])),
      );
      expect(await client.answer(at + 1)).toMatchObject([at + 1, 'error', { status: 400 }]);
    }
    expect(await client.call(9, 'ping')).toEqual([9, 'ok', {}]);
    await expectUnharmed(served);
  });

  it.each([inputDepthMax, inputDepthMax + 1])('nested %i deep is looked at only up to the limit, in every format', async (levels) => {
    const served = await serve();
    const input = Buffer.from([...Array(levels).fill(0x91), 0xc0]);
    const isTooDeep = levels > inputDepthMax;
    const hint = isTooDeep ? expect.stringContaining(`${inputDepthMax} levels`) : expect.any(String);
    const codeOf = async (type: string, body: Uint8Array<ArrayBuffer> | string) => {
      const response = await fetch(`${served.url}/v1/commands/sign`, { method: 'POST', headers: { 'content-type': type }, body });
      const { error } = (await response.json()) as { error: { code: string; hint: string } };
      expect(error.hint).toEqual(hint);
      return error.code;
    };
    expect(await codeOf('application/json', '['.repeat(levels) + ']'.repeat(levels))).toBe(isTooDeep ? 'invalid_json' : 'invalid_input');
    expect(await codeOf('application/msgpack', new Uint8Array(input))).toBe(isTooDeep ? 'invalid_msgpack' : 'invalid_input');
    const client = await BinaryClient.open(served.url);
    const [id, kind, name, ...more] = [1, 'command', 'sign', null, 5000].map((part) => encodeValue(part)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    client.socket.write(framed(Buffer.concat([Buffer.of(0x96), id, kind, name, input, ...more])));
    const code = isTooDeep ? 'invalid_msgpack' : 'invalid_input';
    expect(await client.answer(1)).toMatchObject([1, 'error', { status: 400, code, hint }]);
    await expectUnharmed(served);
  });

  it('with too many items is refused in every format, and the connection goes on', async () => {
    const served = await serve();
    const items = Array.from({ length: inputItemsMax + 10 }, () => 0);
    const refused = { status: 400, code: 'invalid_input', hint: expect.stringContaining(`at most ${inputItemsMax} `) };
    for (const path of ['/v1/commands/sign', '/v1/queries/at']) {
      for (const [type, body] of [
        ['application/json', JSON.stringify([items])],
        ['application/msgpack', new Uint8Array(encodeValue([items]))],
      ] as const) {
        const response = await fetch(`${served.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
        const { error } = (await response.json()) as { error: object };
        expect({ status: response.status, ...error }).toMatchObject(refused);
      }
    }
    const client = await BinaryClient.open(served.url);
    expect(await client.call(1, 'command', 'sign', [items], null, 5000)).toMatchObject([1, 'error', refused]);
    await expectUnharmed(served);
  });

  it('beyond the limit is refused before it is read', async () => {
    const served = await serve();
    const body = text('x'.repeat(10 * mebibyte));
    const response = await fetch(`${served.url}/v1/commands/sign`, {
      method: 'POST',
      headers: { 'content-type': 'application/msgpack' },
      body: new Uint8Array(body),
    });
    expect(response.status).toBe(413);
    for (const frame of [framed(body), framed(Buffer.alloc(0), 0xffff_ffff)]) {
      const client = await BinaryClient.open(served.url);
      client.socket.write(frame);
      expect(await client.closed()).toEqual([0, 'goodbye', expect.stringMatching(/frame of \d+ bytes; at most/)]);
    }
    await expectUnharmed(served);
  });
});

describe('hostile bytes after the change of protocols', () => {
  it.each([
    ['an empty frame', framed(Buffer.alloc(0))],
    ['no array', framed(encodeValue({ id: 1 }))],
    ['no number', framed(encodeValue(['status']))],
    ['a number below 1', framed(encodeValue([0, 'status']))],
    ['a number that is none', framed(encodeValue([1.5, 'status']))],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s ends the connection with a reason', async (_what, bytes) => {
    const served = await serve();
    const client = await BinaryClient.open(served.url);
    client.socket.write(bytes);
    expect(await client.closed()).toEqual([0, 'goodbye', expect.any(String)]);
    await expectUnharmed(served);
  });

  it('a number that is under way ends it as well, and the first call has its answer', async () => {
    const { url, group } = await serve({ closeTimeoutMs: 10_000 });
    const release = group.hold();
    const client = await BinaryClient.open(url);
    for (let time = 0; time < 2; time++) client.send(1, 'command', 'sign', { names: ['a'] }, null, 5000);
    expect(await client.answer(0)).toMatchObject([0, 'goodbye', expect.stringContaining('call 1')]);
    release();
    expect(await client.answer(1)).toMatchObject([1, 'ok', { index: 1 }]);
    await client.closed();
  });

  it('thousands of pings are answered', async () => {
    const served = await serve();
    const client = await BinaryClient.open(served.url);
    client.socket.write(Buffer.concat(Array.from({ length: 5000 }, (_, at) => framed(encodeValue([at + 1, 'ping'])))));
    expect(await client.answer(5000)).toEqual([5000, 'ok', {}]);
    expect(client.messages).toHaveLength(5000);
    await expectUnharmed(served);
  });

  it('any bytes, in any pieces, harm nobody', { timeout: 60_000 }, async () => {
    const served = await serve();
    const steady = await BinaryClient.open(served.url);
    let pings = 0;
    const someKinds = ['command', 'query', 'status', 'members', 'cancel', 'ping', 'events', 'keep-session', 'nonsense'];
    // Sessions and members are not touched: those calls would rightly change something.
    const message = fc.tuple(fc.nat(5), fc.constantFrom(...someKinds), fc.anything({ withBigInt: true, withDate: true }), fc.anything());
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => framed(bytes)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => framed(Buffer.concat([Buffer.of(0x94, 1), bytes]))),
      message.map((parts) => framed(encodable(parts))),
      fc.record({ body: fc.uint8Array({ maxLength: 60 }), length: fc.nat(0xffff_ffff) }).map(({ body, length }) => framed(body, length)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), fc.nat(40), async (frames, cut) => {
        const bytes = Buffer.concat(frames);
        const client = await BinaryClient.open(served.url, bytes.subarray(0, cut));
        client.socket.end(bytes.subarray(cut));
        await once(client.socket, 'close');
        expect(await steady.call(++pings, 'ping')).toEqual([pings, 'ok', {}]);
      }),
      { numRuns: 100 },
    );
    await expectUnharmed(served);
  });
});

function encodable(parts: readonly unknown[]): Uint8Array {
  try {
    return encodeValue(parts);
  } catch {
    return encodeValue(['nothing that MessagePack could carry']);
  }
}
