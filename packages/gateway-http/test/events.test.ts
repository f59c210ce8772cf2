import { get } from 'node:http';
import { decodeValue } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { post, serve, until } from './guestbook.ts';

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
}

/** Reads messages of a stream until `count` are there, then closes it. */
async function read(url: string, count: number, headers: Record<string, string> = {}): Promise<readonly Message[]> {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const messages: Message[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) messages.push(Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))));
    if (messages.length >= count) break;
  }
  controller.abort();
  return messages.slice(0, count);
}

async function sign(url: string, ...names: string[]) {
  expect((await post(`${url}/v1/commands/sign`, { names })).status).toBe(200);
}

const ids = (messages: readonly Message[]) => messages.map(({ id }) => id);

describe('the stream of events', () => {
  it('has one message per event, from the journal and then live', async () => {
    const { url } = await serve();
    await sign(url, 'a', 'b');
    const reading = read(`${url}/v1/events`, 3);
    await sign(url, 'c');
    const messages = await reading;
    expect(ids(messages)).toEqual(['1-0', '1-1', '2-0']);
    expect(messages.map(({ event }) => event)).toEqual(['signed', 'signed', 'signed']);
    expect(JSON.parse(messages[1]?.data ?? '')).toEqual({ index: 1, ordinal: 1, term: 1, time: 1000, type: 'signed', data: { name: 'b' } });
  });

  it('goes on after Last-Event-ID, within an entry and after it, whatever ?from says', async () => {
    const { url } = await serve();
    await sign(url, 'a', 'b', 'c');
    await sign(url, 'd');
    expect(ids(await read(`${url}/v1/events?from=1`, 2, { 'last-event-id': '1-1' }))).toEqual(['1-2', '2-0']);
    expect(ids(await read(`${url}/v1/events?from=1`, 1, { 'last-event-id': '1-2' }))).toEqual(['2-0']);
    expect(ids(await read(`${url}/v1/events?from=1`, 1, { 'last-event-id': '1' }))).toEqual(['2-0']);
    expect(ids(await read(`${url}/v1/events?from=2`, 1))).toEqual(['2-0']);
    expect(ids(await read(`${url}/v1/events?from=0`, 1))).toEqual(['1-0']);
  });

  it('misses and repeats nothing over any number of reconnects', async () => {
    const { url } = await serve();
    for (let entry = 0; entry < 10; entry++) await sign(url, ...Array.from({ length: 1 + (entry % 3) }, (_, n) => `${entry}-${n}`));
    const whole = ids(await read(`${url}/v1/events`, 19));
    const pieces: (string | undefined)[] = [];
    while (pieces.length < 19) {
      const last = pieces.at(-1);
      pieces.push(...ids(await read(`${url}/v1/events`, 1, last === undefined ? {} : { 'last-event-id': last })));
    }
    expect(pieces).toEqual(whole);
    expect(new Set(whole).size).toBe(19);
  });

  it('keeps bytes as they are in MessagePack', async () => {
    const { url } = await serve();
    await sign(url, 'a');
    const [message] = await read(`${url}/v1/events?encoding=msgpack`, 1);
    expect(decodeValue(Buffer.from(message?.data ?? '', 'base64'))).toMatchObject({ index: 1, ordinal: 0, data: { name: 'a' } });
  });

  it('says where it starts', async () => {
    const { url, group } = await serve();
    await sign(url, 'a');
    group.compactTo(2);
    const controller = new AbortController();
    const response = await fetch(`${url}/v1/events`, { signal: controller.signal });
    expect(response.headers.get('flotilla-events-from')).toBe('2');
    controller.abort();
    await until(() => group.streams === 0);
  });

  it('sends comments while nothing happens', async () => {
    const { url } = await serve({ heartbeatMs: 5 });
    const controller = new AbortController();
    const response = await fetch(`${url}/v1/events`, { signal: controller.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^:/);
    controller.abort();
  });

  it.each([
    ['/v1/events?from=x', {}, 400, 'invalid_query'],
    ['/v1/events?from=-1', {}, 400, 'invalid_query'],
    ['/v1/events?encoding=xml', {}, 400, 'invalid_query'],
    ['/v1/events', { 'last-event-id': 'abc' }, 400, 'invalid_header'],
    ['/v1/events', { 'last-event-id': '1-' }, 400, 'invalid_header'],
    ['/v1/events?from=1', {}, 410, 'journal_compacted'],
    ['/v1/events', { 'last-event-id': '3-0' }, 410, 'journal_compacted'],
  ])('refuses %s %o', async (path, headers, status, code) => {
    const { url, group } = await serve();
    group.compactTo(5);
    const response = await fetch(`${url}${path}`, { headers });
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { error: { code } } });
    if (status === 410)
      expect((await fetch(`${url}${path}`, { headers }).then((r) => r.json())) as unknown).toMatchObject({ error: { journalStart: 5 } });
  });

  it('tells a reader whose place was compacted meanwhile', async () => {
    const { url, group } = await serve();
    const response = await fetch(`${url}/v1/events?from=1`);
    await until(() => group.streams === 1);
    group.compactTo(5);
    await sign(url, 'a');
    const text = await response.text();
    expect(text).toContain('event: flotilla-error');
    expect(text).toContain('journal_compacted');
  });

  it('reports an error of this member, of which its reader learns nothing but that there was one', async () => {
    const { url, group, errors } = await serve();
    const failure = new Error('the disk is broken');
    // biome-ignore lint/correctness/useYield: it fails before there is anything to give
    group.events = async function* () {
      throw failure;
    };
    const text = await (await fetch(`${url}/v1/events`)).text();
    expect(text).toContain('"code":"internal"');
    expect(text).not.toContain('disk');
    expect(errors).toEqual([failure]);
  });

  it('is open only so many times at once', async () => {
    const { url, group } = await serve({ streamsMax: 1 });
    const controller = new AbortController();
    await fetch(`${url}/v1/events`, { signal: controller.signal });
    const second = await fetch(`${url}/v1/events`);
    expect({ status: second.status, body: await second.json() }).toMatchObject({
      status: 503,
      body: { error: { code: 'too_many_streams', outcome: 'not-applied' } },
    });
    expect(second.headers.get('retry-after')).toBe('1');
    controller.abort();
    await until(() => group.streams === 0);
    const third = new AbortController();
    expect((await fetch(`${url}/v1/events`, { signal: third.signal })).status).toBe(200);
    third.abort();
  });

  it('ends when the gateway closes', async () => {
    const { url, group, gateway } = await serve({ closeTimeoutMs: 60_000 });
    const response = await fetch(`${url}/v1/events`);
    const text = response.text();
    await gateway.close();
    expect(await text).toBe('');
    expect(group.streams).toBe(0);
  });

  it('reads no further than a slow reader takes, and ends with it', async () => {
    const { url, group } = await serve();
    const large = 'x'.repeat(500_000);
    for (let entry = 0; entry < 60; entry++) await sign(url, large);
    let handedOut = 0;
    const events = group.events.bind(group);
    group.events = async function* (options) {
      for await (const batch of events(options)) {
        handedOut++;
        yield batch;
      }
    };
    const call = get(`${url}/v1/events`);
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => call.once('response', resolve));
    response.pause();
    await until(() => handedOut > 0);
    // The sockets hold a few megabytes; thirty megabytes would mean that nobody waits.
    let before = -1;
    while (before !== handedOut) {
      before = handedOut;
      for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(handedOut).toBeLessThan(60);
    call.destroy();
    await until(() => group.streams === 0);
  });
});
