import { HistoryRecorder, type Operation } from '@flotilla/simulator';
import { describe, expect, test } from 'vitest';
import { type Acknowledged, checkJournal, checkOnceWritten, checkOrder, onceKey } from './acknowledged.ts';

/** Calls that follow each other, of which each one ends before the next begins; an index says that it was answered. */
function calls(...made: readonly { f: 'put' | 'delete' | 'get'; key: string; value?: string; index?: number; failed?: boolean }[]) {
  const history = new HistoryRecorder();
  const acknowledged: Acknowledged[] = [];
  const operations: Operation[] = made.map(({ f, key, value = null, index, failed = false }, process) => {
    const operation = history.invoke({ process, f, key, value, node: null }, process);
    history.complete(process, index === undefined ? (failed ? 'fail' : 'info') : 'ok', null, process);
    const put = value === null ? null : ({ kind: 'put', key, value } as const);
    const effect = f === 'delete' ? ({ kind: 'deleted', key } as const) : put;
    if (index !== undefined) acknowledged.push({ operation, index, isCommand: f !== 'get', effect });
    return operation;
  });
  return { operations, acknowledged };
}

const put = (index: number, key: string, value: string) => ({ index, effect: { kind: 'put', key, value } as const });

describe('the order of the log', () => {
  test('is that of the calls', () => {
    const { acknowledged } = calls(
      { f: 'put', key: 'a', value: '1', index: 4 },
      { f: 'get', key: 'b', index: 4 },
      { f: 'delete', key: 'a', index: 5 },
    );
    expect(() => checkOrder(acknowledged)).not.toThrow();
  });

  test('has one place for each command', () => {
    const { acknowledged } = calls({ f: 'put', key: 'a', value: '1', index: 4 }, { f: 'put', key: 'b', value: '2', index: 4 });
    expect(() => checkOrder(acknowledged)).toThrow(expect.objectContaining({ code: 'log_order_broken' }));
  });

  test('does not go back', () => {
    const { acknowledged } = calls({ f: 'put', key: 'a', value: '1', index: 4 }, { f: 'put', key: 'b', value: '2', index: 3 });
    expect(() => checkOrder(acknowledged)).toThrow(expect.objectContaining({ code: 'log_order_broken' }));
  });

  test('is known to a read, as far as somebody was told of it before', () => {
    const { acknowledged } = calls({ f: 'put', key: 'a', value: '1', index: 4 }, { f: 'get', key: 'b', index: 3 });
    expect(() => checkOrder(acknowledged)).toThrow(expect.objectContaining({ code: 'stale_read' }));
  });

  test('is free where calls were made at once', () => {
    const history = new HistoryRecorder();
    const made = ['1', '2'].map((value, process) => history.invoke({ process, f: 'put', key: 'a', value, node: null }, 0));
    const acknowledged = made.map((operation, i) => ({ operation, index: 9 - i, isCommand: true, effect: null }));
    history.complete(0, 'ok', null, 1);
    history.complete(1, 'ok', null, 1);
    expect(() => checkOrder(acknowledged)).not.toThrow();
  });
});

describe('a journal', () => {
  const { operations, acknowledged } = calls(
    { f: 'put', key: 'a', value: '1', index: 4 },
    { f: 'put', key: 'a', value: '2' },
    { f: 'put', key: 'a', value: '3', failed: true },
  );

  test('has what was acknowledged, and may have what nobody knows of', () => {
    expect(() => checkJournal([put(4, 'a', '1')], 1, acknowledged, operations)).not.toThrow();
    expect(() => checkJournal([put(4, 'a', '1'), put(6, 'a', '2')], 1, acknowledged, operations)).not.toThrow();
  });

  test('is believed from where it begins', () => {
    expect(() => checkJournal([], 5, acknowledged, operations)).not.toThrow();
  });

  test.each([
    ['nothing', []],
    ['something else', [put(4, 'a', '2')]],
    ['it elsewhere', [put(5, 'a', '1')]],
  ])('must not have %s in the place of an acknowledged write', (_, journal) => {
    expect(() => checkJournal(journal, 1, acknowledged, operations)).toThrow(expect.objectContaining({ code: 'acknowledged_write_lost' }));
  });

  test('has nothing twice', () => {
    const journal = [put(4, 'a', '1'), put(6, 'a', '2'), put(7, 'a', '2')];
    expect(() => checkJournal(journal, 1, acknowledged, operations)).toThrow(expect.objectContaining({ code: 'log_order_broken' }));
  });

  test('has nothing that failed for certain', () => {
    const journal = [put(4, 'a', '1'), put(6, 'a', '3')];
    expect(() => checkJournal(journal, 1, acknowledged, operations)).toThrow(expect.objectContaining({ code: 'refused_write_applied' }));
  });
});

describe('keys that are written once', () => {
  const key = onceKey('1');
  const entry = (value: string, revision: number) => ({ key, value: Buffer.from(value), revision });
  const written = calls({ f: 'put', key, value: '1', index: 4 });
  const deleted = calls({ f: 'put', key, value: '1', index: 4 }, { f: 'delete', key, index: 5 });
  const unclear = calls({ f: 'put', key, value: '1', index: 4 }, { f: 'delete', key });
  const failed = calls({ f: 'put', key, value: '1', failed: true });

  test.each([
    ['there', written, [entry('1', 4)]],
    ['deleted', deleted, []],
    ['perhaps deleted', unclear, []],
    ['perhaps not deleted', unclear, [entry('1', 4)]],
    ['never put', failed, []],
  ])('may be %s', (_, { operations, acknowledged }, entries) => {
    expect(() => checkOnceWritten(entries, operations, acknowledged)).not.toThrow();
  });

  test.each([
    ['gone', 'acknowledged_write_lost', written, []],
    ['another value', 'acknowledged_write_lost', written, [entry('2', 4)]],
    ['of another revision', 'acknowledged_write_lost', written, [entry('1', 3)]],
    ['back', 'acknowledged_write_lost', deleted, [entry('1', 4)]],
    ['there against all promises', 'refused_write_applied', failed, [entry('1', 4)]],
  ])('must not be %s', (_, code, { operations, acknowledged }, entries) => {
    expect(() => checkOnceWritten(entries, operations, acknowledged)).toThrow(expect.objectContaining({ code }));
  });
});
