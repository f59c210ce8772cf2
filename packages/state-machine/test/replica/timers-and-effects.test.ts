import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/codec/codec.ts';
import { oneVersion } from '../../src/machine-versions.ts';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import { effectsMax } from '../../src/replica/outbox.ts';
import { counter, TestLog } from './test-log.ts';

describe('timers', () => {
  it('fire with the first entry at their time or later, before what the entry asks for', async () => {
    const log = new TestLog();
    const due = log.time + 500;
    await log.command('plan', { id: 'a', at: due });
    expect(log.replica.service.dueAt).toBe(due);
    log.time = due - 1;
    expect(log.send({ kind: 'clock' }).events).toEqual([]);
    log.time = due + 20;
    const { outcome, events } = await log.command('increment', { by: 10 });
    expect(outcome).toMatchObject({ reply: 11 });
    expect(events).toEqual([
      { type: 'fired', data: { by: 1, id: 'a' } },
      { type: 'changed', data: { by: 10 } },
    ]);
    expect(log.replica.service.dueAt).toBeNull();
  });

  it('can be replaced and taken back', async () => {
    const log = new TestLog();
    await log.command('plan', { id: 'a', at: log.time + 100 });
    await log.command('plan', { id: 'b', at: log.time + 100 });
    await log.command('plan', { id: 'a', at: log.time + 300, by: 5 });
    await log.command('drop', { id: 'b' });
    await log.command('drop', { id: 'unknown' });
    log.time += 200;
    expect(log.send({ kind: 'clock' }).events).toEqual([]);
    expect(log.replica.service.dueAt).toBe(log.time + 100);
    log.time += 100;
    expect(log.send({ kind: 'clock' }).events).toEqual([{ type: 'fired', data: { by: 5, id: 'a' } }]);
  });

  it('fire at most 256 to an entry, and the rest with the next', async () => {
    const log = new TestLog();
    const at = log.time + 1;
    for (let count = 0; count < 300; count++) await log.command('plan', { id: `t${String(count).padStart(3, '0')}`, at });
    log.time = at;
    expect(log.send({ kind: 'clock' }).events).toHaveLength(256);
    expect(log.replica.service.dueAt).toBe(at);
    expect(log.send({ kind: 'clock' }).events).toHaveLength(44);
    expect(log.value).toBe(300);
  });

  it('that schedule themselves without delay fire once with each entry', async () => {
    const log = new TestLog();
    await log.command('again', { by: 1 });
    for (let count = 1; count <= 3; count++) {
      expect(log.send({ kind: 'clock' }).events).toHaveLength(1);
      expect(log.value).toBe(1 + count);
    }
  });

  it('fire with the repetition of a command too, whose events belong to this entry', async () => {
    const log = new TestLog();
    const session = log.open();
    const stamp = { session, sequence: 1, acknowledged: 1 };
    const first = await log.command('plan', { id: 'a', at: log.time + 5 }, stamp);
    log.time += 5;
    const again = await log.command('plan', { id: 'a', at: log.time + 5 }, stamp);
    expect(again).toMatchObject({ index: first.index, events: [{ type: 'fired' }] });
  });

  it('fire once each and in order, whatever is scheduled, replaced, taken back and restarted', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('plan' as const), id: fc.constantFrom('a', 'b', 'c', 'd'), delay: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ kind: fc.constant('drop' as const), id: fc.constantFrom('a', 'b', 'c', 'd'), delay: fc.constant(0) }),
      fc.record({ kind: fc.constant('wait' as const), id: fc.constant(''), delay: fc.integer({ min: 0, max: 30 }) }),
      fc.record({ kind: fc.constant('restart' as const), id: fc.constant(''), delay: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const log = new TestLog();
        const expected = new Map<string, number>();
        for (const { kind, id, delay } of steps) {
          if (kind === 'plan') await log.command('plan', { id, at: log.time + delay });
          if (kind === 'plan') expected.set(id, log.time + delay);
          if (kind === 'drop') await log.command('drop', { id });
          if (kind === 'drop') expected.delete(id);
          if (kind === 'restart') log.restart();
          if (kind !== 'wait') continue;
          log.time += delay;
          const due = [...expected].filter(([, at]) => at <= log.time).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
          expect(log.send({ kind: 'clock' }).events.map(({ data }) => (data as { id: string }).id)).toEqual(due.map(([name]) => name));
          for (const [name] of due) expected.delete(name);
          expect(log.replica.service.dueAt).toBe(expected.size === 0 ? null : Math.min(...expected.values()));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the outbox', () => {
  it('keeps effects in order until they are done, and then lets a command follow', async () => {
    const log = new TestLog();
    await log.command('ask', { by: 1 });
    await log.command('ask', { by: 2 });
    log.restart();
    const [first, second] = log.replica.service.pendingEffects(10);
    expect(first).toMatchObject({ type: 'notify', data: { by: 1 }, then: 'noted', index: 1, time: log.time });
    expect(second).toMatchObject({ data: { by: 2 }, index: 2 });
    // A handler that changes its data must not find the change when it tries again.
    expect(first?.data).not.toBe(first?.data);
    expect(log.replica.service.pendingEffects(1)).toHaveLength(1);
    const before = log.replica.service.outboxRevision;
    const command = await log.replica.encode({ type: 'noted', input: { id: first?.id, ok: true, result: 7 } });
    const done = log.send({ kind: 'effect-done', effect: first?.id ?? '', command });
    expect(done).toMatchObject({ outcome: { kind: 'accepted' }, events: [{ type: 'changed', data: { by: 7 } }] });
    expect(log.replica.service.outboxRevision).toBeGreaterThan(before);
    expect(log.replica.service.pendingEffects(10)).toEqual([second]);
    expect(log.send({ kind: 'effect-done', effect: first?.id ?? '', command }).events).toEqual([]);
    expect(log.value).toBe(7);
  });

  it('takes a bare command for what follows, or none, and refuses other bytes', async () => {
    const log = new TestLog();
    for (let count = 0; count < 3; count++) await log.command('ask', { by: 1 });
    const follow = encodeCommand({ type: 'noted', input: { id: '1', ok: true, result: 3 } });
    expect(log.send({ kind: 'effect-done', effect: '1', command: follow }).events).toHaveLength(1);
    expect(log.send({ kind: 'effect-done', effect: '2', command: null })).toMatchObject({ outcome: { kind: 'accepted' }, events: [] });
    const nothing = log.send({ kind: 'effect-done', effect: '3', command: Uint8Array.of(0xc1, 0, 0) });
    expect(nothing.outcome).toMatchObject({ kind: 'refused', code: 'malformed_payload' });
    expect(log.replica.service.pendingEffects(10)).toEqual([]);
  });

  it('has room for so many and no more', async () => {
    const log = new TestLog();
    for (let count = 0; count < effectsMax / 1000; count++) await log.command('ask', { by: 1, times: 1000 });
    const { outcome } = await log.command('ask', { by: 1 });
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'too_many_effects' });
  });

  it('stops a machine that asks for more than it was given room for', () => {
    const versions = oneVersion({ name: 'greedy', version: 1 }, () => {
      const machine = counter.create(1);
      const effects = Array.from({ length: effectsMax + 1 }, () => ({ type: 'notify', data: null, then: null }));
      return Object.assign(Object.create(machine), { version: 1, apply: () => [{ kind: 'accepted', reply: null, events: [], effects }] });
    });
    const log = new TestLog(new MachineReplica(versions));
    expect(() => log.append(encodeCommand({ type: 'increment', input: { by: 1 } }))).toThrow('room for');
  });
});
