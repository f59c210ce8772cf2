import { describe, expect, test } from 'vitest';
import { Oracle } from '../../src/oracle/oracle.ts';
import type { OracleCall } from '../../src/oracle/oracle-call.ts';
import { describeSerial, type Serial, serialOf } from '../../src/oracle/serial.ts';

const write = (serial: Serial): OracleCall => ({ serial, kind: 'write', consistency: 'linearizable' });
const read = (serial: Serial, consistency: OracleCall['consistency'] = 'linearizable'): OracleCall => ({
  serial,
  kind: 'read',
  consistency,
});

/** The commands of these tests are their serials, as text. */
function oracle(members?: () => Iterable<number>) {
  const told = new Oracle({ serialIn: (payload) => Number(new TextDecoder().decode(payload)), ...(members ? { members } : {}) });
  const apply = (member: number, index: number, serial: Serial) =>
    told.onApplied(member, {
      requests: [{ index, term: 1, time: 0, payload: new TextEncoder().encode(String(serial)) }],
      results: [{ index, term: 1, outcome: { kind: 'accepted', reply: null, events: [] }, events: [], encodedEvents: null }],
    });
  const ok = (serial: Serial, index: number | null) => told.answered({ serial, kind: 'write' }, { kind: 'ok', index });
  const saw = (serial: Serial, index: number) => told.answered({ serial, kind: 'read' }, { kind: 'ok', index });
  return { told, apply, ok, saw };
}

const [a, b, c] = [serialOf(1, 0), serialOf(1, 1), serialOf(2, 0)] as const;

test('a serial names a process and a number', () => {
  expect(describeSerial(serialOf(7, 12))).toBe('7/12');
  expect(Number.isSafeInteger(serialOf(2 ** 26 - 1, 2 ** 27 - 1))).toBe(true);
});

describe('a run without faults', () => {
  test('is remembered no longer than its calls are under way', () => {
    const { told, apply, ok, saw } = oracle();
    told.invoked(write(a));
    expect(told.openCalls).toBe(1);
    for (const member of [1, 2]) apply(member, 2, a);
    ok(a, 2);
    told.invoked(read(c));
    saw(c, 2);
    expect(told.openCalls).toBe(0);
    expect(told.acknowledgedIndex).toBe(2);
    told.onConverged();
  });
});

describe('writes', () => {
  test('that nobody sent are phantoms', () => {
    const { apply } = oracle();
    expect(() => apply(1, 1, a)).toThrow('no-phantoms: write 1/0 is applied at 1, and nobody sent it');
  });

  test('are applied once, before they are acknowledged and after', () => {
    const { told, apply, ok } = oracle();
    told.invoked(write(a));
    apply(1, 1, a);
    expect(() => apply(1, 2, a)).toThrow('no-duplicates: write 1/0 is applied at 1 and at 2');
    ok(a, 1);
    expect(() => apply(1, 3, a)).toThrow('no-duplicates: write 1/0 is applied again, at 3');
  });

  test('are in the log where they are acknowledged', () => {
    const { told, apply, ok } = oracle();
    told.invoked(write(a));
    expect(() => ok(a, 4)).toThrow('no-lost-writes: write 1/0 is acknowledged at 4, and is not in the log');
    apply(1, 1, a);
    expect(() => ok(a, 4)).toThrow('no-lost-writes: write 1/0 is acknowledged at 4, and is in the log at 1');
    ok(a, null);
  });

  test('are not applied where their client was told so, neither before nor after', () => {
    const { told, apply } = oracle();
    told.invoked(write(a));
    told.answered(write(a), { kind: 'fail' });
    expect(() => apply(1, 1, a)).toThrow('refused-is-not-applied: write 1/0 is applied at 1, and its client was told that it is not');
    told.invoked(write(b));
    apply(1, 2, b);
    expect(() => told.answered(write(b), { kind: 'fail' })).toThrow('refused-is-not-applied: the client of write 1/1 is told');
  });

  test('of unknown outcome may be applied later, once', () => {
    const { told, apply } = oracle();
    told.invoked(write(a));
    told.answered(write(a), { kind: 'unknown' });
    expect(told.openCalls).toBe(1);
    apply(1, 5, a);
    expect(told.openCalls).toBe(0);
    expect(() => apply(1, 6, a)).toThrow('no-duplicates');
  });

  test('of unknown outcome are never applied once everything has converged', () => {
    const { told, apply } = oracle();
    told.invoked(write(a));
    told.answered(write(a), { kind: 'unknown' });
    told.onConverged();
    expect(told.openCalls).toBe(0);
    expect(() => apply(1, 5, a)).toThrow('no-duplicates');
  });

  test('come after what was acknowledged before they began', () => {
    const { told, apply, saw } = oracle();
    told.invoked(read(c));
    saw(c, 9);
    told.invoked(write(a));
    expect(() => apply(1, 9, a)).toThrow('real-time: write 1/0 is applied at 9, and began when 9 had been acknowledged');
  });

  test('have serials of their own', () => {
    const { told } = oracle();
    told.invoked(write(b));
    expect(() => told.invoked(write(a))).toThrow('oracle: write 1/0 is sent twice');
    expect(() => told.answered(write(c), { kind: 'fail' })).toThrow('oracle: write 2/0 is answered, and none is open');
  });

  test('that were acknowledged are on every member in the end', () => {
    const { told, apply, ok } = oracle();
    told.invoked(write(a));
    for (const member of [1, 2]) apply(member, 1, a);
    told.invoked(write(b));
    apply(1, 2, b);
    ok(b, 2);
    expect(() => told.onConverged()).toThrow(
      'no-lost-writes: everything has converged; the write at 2 was acknowledged, and member 2 has applied 1',
    );
    told.onEnded(2);
    told.onConverged();
    const strict = oracle(() => [1, 3]);
    strict.told.invoked(write(a));
    strict.apply(1, 1, a);
    strict.ok(a, 1);
    expect(() => strict.told.onConverged()).toThrow('member 3 has applied 0');
  });
});

describe('reads', () => {
  test('see what was acknowledged, or was seen, before they began', () => {
    const { told, apply, ok, saw } = oracle();
    told.invoked(read(serialOf(3, 0)));
    told.invoked(write(a));
    apply(1, 4, a);
    ok(a, 4);
    told.invoked(read(c));
    // It began before the write was acknowledged.
    saw(serialOf(3, 0), 3);
    expect(() => saw(c, 3)).toThrow('monotone-reads: read 2/0 sees 3, and 4 was acknowledged before it began');
  });

  test('that may be stale see what they see', () => {
    const { told, apply, ok, saw } = oracle();
    told.invoked(write(a));
    apply(1, 4, a);
    ok(a, 4);
    told.invoked(read(c, 'stale'));
    saw(c, 1);
    expect(told.openCalls).toBe(0);
  });

  test('are held to it on the strength of a lease too', () => {
    const { told, apply, ok, saw } = oracle();
    told.invoked(write(a));
    apply(1, 4, a);
    ok(a, 4);
    told.invoked(read(c, 'lease'));
    expect(() => saw(c, 1)).toThrow('monotone-reads');
  });
});
