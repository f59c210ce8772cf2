import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromJsonValue, toJsonValue, valueIdentity } from './exact-value.ts';
import { historyText, readHistory } from './history-file.ts';
import { HistoryRecorder } from './history-recorder.ts';

async function* chunksOf(text: string, length = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const read = (lines: readonly string[]) => readHistory(chunksOf(lines.join('\n')));

const event = (fields: object) =>
  JSON.stringify({ process: 1, type: 'invoke', f: 'get', key: 'x', value: null, time: 1, index: 0, node: 1, ...fields });

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    fc.constantFrom(null, true, 1.5, -1e300, '', 'é\u0000\n', '\u0000x', '\u{1f600}'),
    fc.string(),
    fc.uint8Array({ maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('base64', '$base64', '$$base64', 'a', '$'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;

test('every value comes back as it was, and only equal values are equal', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (value, other) => {
      const text = JSON.stringify(toJsonValue(value));
      expect(fromJsonValue(JSON.parse(text))).toEqual(value);
      expect(valueIdentity(value) === valueIdentity(other)).toBe(text === JSON.stringify(toJsonValue(other)));
    }),
  );
  expect(valueIdentity({ a: 1, b: 2 })).toBe(valueIdentity({ b: 2, a: 1 }));
});

test('values that a file cannot hold are refused', () => {
  for (const value of [Number.NaN, 1n, new Date(0), new Map(), () => 1, { a: Symbol('s') }]) {
    expect(() => toJsonValue(value)).toThrow(expect.objectContaining({ code: 'history_value_unsupported' }));
  }
});

test('a history comes back from its text', async () => {
  const recorder = new HistoryRecorder();
  recorder.invoke({ process: 1, f: 'put', key: 'é', value: new Uint8Array([0, 255]), node: 1, serial: '1:1' }, 1.25);
  recorder.invoke({ process: 2, f: 'get', key: null, value: null, node: null }, 1.25);
  recorder.complete(2, 'ok', { base64: 'no bytes' }, 2);
  recorder.invoke({ process: 2, f: 'get', key: 'é', value: null, node: 3 }, 2);
  recorder.complete(1, 'info', 'timeout', 3);
  recorder.invoke({ process: 3, f: 'get', key: 'é', value: null, node: 3 }, 3);
  recorder.complete(3, 'fail', 'overloaded', 3);
  const text = [...historyText(recorder.operations())].join('');
  expect(await readHistory(chunksOf(text))).toEqual(recorder.operations());
  expect(text.split('\n')).toHaveLength(recorder.operations().length * 2);
});

describe('what is wrong is said with its line', () => {
  const invoke = event({});
  const ok = event({ type: 'ok', index: 1 });
  test.each([
    ['no JSON', [invoke, '', '{"process":'], 3, 'history_malformed'],
    ['no object', ['[]'], 1, 'history_malformed'],
    ['a field that is missing', [event({ f: undefined })], 1, 'history_malformed'],
    ['a type that there is not', [event({ type: 'done' })], 1, 'history_malformed'],
    ['an end of another call', [invoke, event({ type: 'ok', f: 'put', index: 1 })], 2, 'history_malformed'],
    ['bytes that are none', [event({ value: { base64: '?' } })], 1, 'history_value_unsupported'],
    ['an end without a beginning', [event({ type: 'ok' })], 1, 'history_without_invoke'],
    ['two ends', [invoke, ok, event({ type: 'ok', index: 2 })], 3, 'history_completed_twice'],
    [
      'an end after an unknown one',
      [invoke, event({ type: 'info', index: 1 }), event({ type: 'ok', index: 2 })],
      3,
      'history_completed_twice',
    ],
    ['two calls at a time', [invoke, event({ index: 1 })], 2, 'history_process_busy'],
    ['a process that goes on', [invoke, event({ type: 'info', index: 1 }), event({ index: 2 })], 3, 'history_process_reused'],
    ['time that goes back', [invoke, event({ type: 'ok', index: 1, time: 0.5 })], 2, 'history_time_backwards'],
    ['an index that does not increase', [invoke, event({ type: 'ok' })], 2, 'history_order'],
  ])('%s', async (_, lines, line, code) => {
    await expect(read(lines)).rejects.toMatchObject({ code, line, message: expect.stringMatching(new RegExp(`^line ${line}: `)) });
  });

  test('lines and histories that are too long', async () => {
    await expect(readHistory(chunksOf(invoke), { lineMax: 50 })).rejects.toMatchObject({ code: 'history_line_too_long', line: 1 });
    await expect(readHistory(chunksOf(`${invoke}\n${ok}`), { operationsMax: 0 })).rejects.toMatchObject({ code: 'history_full', line: 1 });
  });
});

test('keys that are left behind are taken out, and make room', () => {
  const recorder = new HistoryRecorder({ operationsMax: 2 });
  recorder.invoke({ process: 1, f: 'get', key: 'old', value: null, node: 1 }, 1);
  recorder.invoke({ process: 2, f: 'get', key: 'new', value: null, node: 1 }, 1);
  const more = () => recorder.invoke({ process: 3, f: 'get', key: 'new', value: null, node: 1 }, 2);
  expect(more).toThrow(expect.objectContaining({ code: 'history_full' }));
  expect(recorder.take('old')).toMatchObject([{ process: 1, outcome: 'open' }]);
  more();
  expect(recorder.size).toBe(2);
  expect(recorder.take('none')).toEqual([]);
});
