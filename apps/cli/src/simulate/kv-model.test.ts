import { checkLinearizable, HistoryRecorder } from '@flotilla/simulator';
import { expect, it } from 'vitest';
import { kvModel } from './kv-model.ts';

const stored = (value: string) => ({ key: 'k', value: new TextEncoder().encode(value), revision: 7 });

type Call = readonly [f: string, input: unknown, output: unknown, outcome?: 'ok' | 'info'];

/** Calls of one client, one after the other. */
function verdict(...calls: readonly Call[]): string {
  const recorder = new HistoryRecorder();
  let time = 0;
  for (const [process, [f, value, output, outcome = 'ok']] of calls.entries()) {
    recorder.invoke({ process, f, key: 'k', value, node: null }, time++);
    recorder.complete(process, outcome, output, time++);
  }
  return checkLinearizable(recorder.operations(), kvModel).verdict;
}

it.each<[string, readonly Call[]]>([
  [
    'nothing, then a value',
    [
      ['get', null, null],
      ['put', '1', { created: true }],
      ['get', null, stored('1')],
    ],
  ],
  [
    'a value over another',
    [
      ['put', '1', { created: true }],
      ['put', '2', { created: false }],
      ['get', null, stored('2')],
    ],
  ],
  [
    'a key that is taken',
    [
      ['put', '1', { created: true }],
      ['put-new', '2', { refused: 'revision_mismatch' }],
      ['get', null, stored('1')],
    ],
  ],
  [
    'a key that is free',
    [
      ['put-new', '2', { created: true }],
      ['get', null, stored('2')],
    ],
  ],
  [
    'a deletion',
    [
      ['put', '1', { created: true }],
      ['delete', null, { deleted: true }],
      ['get', null, null],
      ['delete', null, { deleted: false }],
    ],
  ],
  [
    'a put that nobody knows of, and that was made',
    [
      ['put', '1', 'timeout', 'info'],
      ['get', null, stored('1')],
    ],
  ],
  [
    'a put that nobody knows of, and that was not',
    [
      ['put-new', '1', 'timeout', 'info'],
      ['get', null, null],
    ],
  ],
])('allows %s', (_, calls) => expect(verdict(...calls)).toBe('linearizable'));

it.each<[string, readonly Call[]]>([
  ['a value from nowhere', [['get', null, stored('1')]]],
  [
    'a stale read',
    [
      ['put', '1', { created: true }],
      ['get', null, null],
    ],
  ],
  [
    'a key that was created twice',
    [
      ['put', '1', { created: true }],
      ['put', '2', { created: true }],
    ],
  ],
  ['a refusal of a free key', [['put-new', '1', { refused: 'revision_mismatch' }]]],
  [
    'a value in place of another that had to stay',
    [
      ['put', '1', { created: true }],
      ['put-new', '2', { created: true }],
    ],
  ],
  ['a deletion of nothing', [['delete', null, { deleted: true }]]],
])('refuses %s', (_, calls) => expect(verdict(...calls)).toBe('not-linearizable'));

it('has no other calls', () => {
  expect(() => verdict(['append', '1', null])).toThrow('no call of the key-value store is named append');
});
