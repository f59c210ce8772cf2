import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serve } from './guestbook.ts';

const paths = ['/v1/commands/sign', '/v1/queries/at', '/v1/commands/refuse'];
const contentTypes = ['application/json', 'application/msgpack', 'text/plain', 'application/json; charset=latin1', ';', ''];

it('random bodies of any content type never give a 5xx', { timeout: 60_000 }, async () => {
  const { url, errors } = await serve();
  const attack = fc.record({
    path: fc.constantFrom(...paths),
    type: fc.constantFrom(...contentTypes),
    body: fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(attack, async ({ path, type, body }) => {
      const response = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body: Buffer.from(body) });
      await response.arrayBuffer();
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
  expect(errors).toEqual([]);
});

it('random bytes as the request target never give a 5xx', { timeout: 60_000 }, async () => {
  const { url, errors } = await serve();
  const port = Number(new URL(url).port);
  const statusOf = (head: Buffer): Promise<number> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(head));
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => resolve(Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    });
  const target = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.webPath().map((path) => Buffer.from(path)),
    fc.string({ unit: fc.constantFrom('%', '2', 'F', 'f', '/', '?', '=', '&', '.', 'é', 'a') }).map((text) => Buffer.from(`/v1/${text}`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GET', 'POST', 'DELETE', 'BREW'), target, async (method, bytes) => {
      const head = Buffer.concat([Buffer.from(`${method} `), bytes, Buffer.from(' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')]);
      expect(await statusOf(head)).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
  expect(errors).toEqual([]);
});
