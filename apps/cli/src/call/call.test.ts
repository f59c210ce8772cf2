import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFlotillaError } from '@flotilla/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeCall, describeMachine } from './describe-calls.ts';
import type { JsonSchema } from './json-schema.ts';
import { fetchMachine } from './machine-calls.ts';
import { readFields } from './read-fields.ts';
import { resultText } from './result-text.ts';

const booking = z.object({
  guest: z.string().describe('Who comes.'),
  seats: z.int().min(1).max(8),
  price: z.number().optional(),
  express: z.boolean().default(false),
  tags: z.array(z.string()).optional(),
  address: z.object({ city: z.string(), zip: z.union([z.int(), z.null()]) }).optional(),
  class: z.enum(['first', 'second']).optional(),
  either: z.union([z.number(), z.string()]).optional(),
  extra: z.unknown().optional(),
  map: z.record(z.string(), z.int()).optional(),
});

const schema = z.toJSONSchema(booking, { io: 'input' }) as JsonSchema;

const read = (line: string, json?: string) => JSON.parse(JSON.stringify(readFields(line.split(' ').filter(Boolean), schema, json)));

test('fields become what the schema says they are', () => {
  expect(read('--guest 12 --seats 3 --price 1.5 --express --tags a --tags b')).toEqual({
    guest: '12',
    seats: 3,
    price: 1.5,
    express: true,
    tags: ['a', 'b'],
  });
  expect(read('--guest=-x --seats -4 --no-express --address.city Rome --address.zip null')).toEqual({
    guest: '-x',
    seats: -4,
    express: false,
    address: { city: 'Rome', zip: null },
  });
  expect(read('--express false --tags ["a","b"] --either 5 --extra {"a":1} --map.one 1')).toEqual({
    express: false,
    tags: ['a', 'b'],
    either: 5,
    extra: { a: 1 },
    map: { one: 1 },
  });
  expect(read('--either five --extra five --class first')).toEqual({ either: 'five', extra: 'five', class: 'first' });
  expect(read('--address.city Rome', '{"seats":2,"address":{"zip":1}}')).toEqual({ seats: 2, address: { zip: 1, city: 'Rome' } });
  expect(readFields([], schema, '[1]')).toEqual([1]);
});

test('an input may be of one of several shapes, and refer to itself', () => {
  const union = z.toJSONSchema(z.union([z.object({ id: z.int() }), z.object({ name: z.string() })])) as JsonSchema;
  expect({ ...(readFields(['--id', '1'], union, undefined) as object) }).toEqual({ id: 1 });
  expect({ ...(readFields(['--name', '1'], union, undefined) as object) }).toEqual({ name: '1' });
  const looped: JsonSchema = {
    $ref: '#/$defs/a',
    $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'object', properties: { n: { type: 'integer' } } }] } },
  };
  expect({ ...(readFields(['--n', '1'], looped, undefined) as object) }).toEqual({ n: 1 });
});

test.each([
  ['--seats many', '--seats many is no integer'],
  ['--seats 1.5', '--seats 1.5 is no integer'],
  ['--seat 1', 'there is no field "seat"'],
  ['--guest', '--guest has no value'],
  ['--seats 1 --seats 2', '--seats is given twice'],
  ['--express --no-express', '--express is given twice'],
  ['--address.city Rome --address.city=Oslo', '--address.city is given twice'],
  ['--tags ["a"] --tags ["b"]', '--tags is given twice'],
  ['stray', '"stray" is not expected here'],
  ['--address {oops', '--address is not JSON'],
  ['--__proto__ {}', 'there is no field "__proto__"'],
  ['--map.__proto__.polluted 1', 'there is no field'],
])('%s is refused', (line, message) => {
  try {
    read(line);
    expect.unreachable();
  } catch (error) {
    if (!isFlotillaError(error, 'usage')) throw error;
    expect(error.message).toContain(message);
  }
});

test('help comes from the schema', () => {
  const call = { kind: 'command', name: 'book', path: 'book', input: schema, errors: ['sold_out'] } as const;
  const text = describeCall('seats', call);
  expect(text).toMatch(/^Usage: flotilla call seats book --guest <string> --seats <integer> \[--price <number>\] \[--express\]/);
  expect(text).toMatch(/--guest <string> +required +Who comes\./);
  expect(text).toMatch(/--seats <integer> +required +at least 1; at most 8/);
  expect(text).toMatch(/--address\.city <string>/);
  expect(text).toMatch(/--class <first\|second> +optional/);
  expect(text).toMatch(/Refusals: sold_out/);
  const query = { kind: 'query', name: 'free', path: 'free', input: null, errors: [] } as const;
  expect(describeMachine({ name: 'seats', version: 2, calls: [call, query] })).toMatch(
    /Machine seats, version 2\.[\s\S]*Queries:\n {2}free\n/,
  );
});

test('answers are shown as rows, lines or plain values, without what steers a terminal', () => {
  expect(resultText(5)).toBe('5');
  expect(resultText('a\x1b[2J "b"')).toBe('a\\u001b[2J "b"');
  expect(resultText([])).toBe('[]');
  expect(resultText({ n: 1, who: 'me' })).toBe('FIELD  VALUE\nn      1\nwho    me');
  expect(resultText([{ a: 1 }, { a: 2, b: [3] }])).toBe('A  B\n1\n2  [3]');
});

test('the machine is the one that is served, or a part of it', async () => {
  const named = (name: string) => ({ name, takesInput: false, input: {}, errors: [] });
  const described = { name: 'shop', version: 1, commands: [named('seats.book'), named('move')], queries: [named('seats.free')] };
  const server = createServer((_request, response) => response.end(JSON.stringify(described))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoints = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  expect((await fetchMachine('shop', endpoints, 10_000)).calls.map(({ name }) => name)).toEqual(['seats.book', 'move', 'seats.free']);
  const { calls } = await fetchMachine('seats', endpoints, 10_000);
  expect(calls.map(({ name, path }) => `${name} is ${path}`)).toEqual(['book is seats.book', 'free is seats.free']);
  await expect(fetchMachine('other', endpoints, 10_000)).rejects.toMatchObject({ code: 'machine_mismatch' });
  server.close();
  await expect(fetchMachine('shop', [], 10_000)).rejects.toMatchObject({ code: 'unreachable' });
});
