import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import { sessionWindow } from '../../src/replica/sequence-window.ts';
import { sessionsMax, sessionTtlRange } from '../../src/replica/session-table.ts';
import { MemorySpace } from '../../src/space/memory-space.ts';
import { counter, TestLog, tally } from './test-log.ts';

describe('sessions', () => {
  it('answer a repetition as the first time, with its index, and cause no events again', async () => {
    const log = new TestLog();
    const session = log.open();
    const first = await log.command('increment', { by: 2 }, { session, sequence: 1, acknowledged: 1 });
    const second = await log.command('increment', { by: 3 }, { session, sequence: 2, acknowledged: 1 });
    const again = await log.command('increment', { by: 2 }, { session, sequence: 1, acknowledged: 1 });
    expect(first.outcome).toMatchObject({ kind: 'accepted', reply: 2 });
    expect(second.outcome).toMatchObject({ kind: 'accepted', reply: 5 });
    expect(again).toEqual({ ...first, outcome: { kind: 'accepted', reply: 2, events: [] }, events: [], encodedEvents: null });
    expect(log.value).toBe(5);
  });

  it('keep rejections too', async () => {
    const log = new TestLog();
    const session = log.open();
    const stamp = { session, sequence: 1, acknowledged: 1 };
    const first = await log.command('decrement', { by: 1 }, stamp);
    expect(first.outcome).toMatchObject({ kind: 'rejected', code: 'too_small', details: { value: 0 } });
    await log.command('increment', { by: 1 });
    expect(await log.command('decrement', { by: 1 }, stamp)).toEqual(first);
    expect(log.value).toBe(1);
  });

  it('refuse what was acknowledged, what is too far ahead, and whom they do not know', async () => {
    const log = new TestLog();
    const session = log.open();
    await log.command('increment', { by: 1 }, { session, sequence: 1, acknowledged: 1 });
    await log.command('increment', { by: 1 }, { session, sequence: 2, acknowledged: 2 });
    expect(await log.refusal({ session, sequence: 1, acknowledged: 1 })).toBe('sequence_answered');
    expect(await log.refusal({ session, sequence: 5, acknowledged: 6 })).toBe('sequence_answered');
    expect(await log.refusal({ session, sequence: 2 + sessionWindow, acknowledged: 2 })).toBe('session_window_exceeded');
    expect(await log.refusal({ session: 999, sequence: 1, acknowledged: 1 })).toBe('session_expired');
    expect(log.value).toBe(2);
    expect((await log.command('increment', { by: 1 }, { session, sequence: 1 + sessionWindow, acknowledged: 2 })).outcome.kind).toBe(
      'accepted',
    );
  });

  it('end by log time, unless they are heard of', async () => {
    const log = new TestLog();
    const [kept, used, silent] = [log.open(5000), log.open(5000), log.open(5000)];
    expect(log.replica.service.dueAt).toBe(log.time + 5000);
    log.time += 4000;
    expect(log.send({ kind: 'keep-session', session: kept }).outcome.kind).toBe('accepted');
    await log.command('increment', { by: 1 }, { session: used, sequence: 1, acknowledged: 1 });
    log.time += 1000;
    log.send({ kind: 'clock' });
    expect(log.replica.service.dueAt).toBe(log.time + 4000);
    expect(await log.refusal({ session: silent, sequence: 1, acknowledged: 1 })).toBe('session_expired');
    expect(log.send({ kind: 'keep-session', session: kept }).outcome.kind).toBe('accepted');
    log.time += 5000;
    expect(log.send({ kind: 'keep-session', session: kept }).outcome).toMatchObject({ kind: 'refused', code: 'session_expired' });
    expect(log.replica.service.dueAt).toBeNull();
  });

  it('end when they are closed, and closing twice is harmless', async () => {
    const log = new TestLog();
    const session = log.open();
    for (let repeat = 0; repeat < 2; repeat++) expect(log.send({ kind: 'close-session', session }).outcome.kind).toBe('accepted');
    expect(await log.refusal({ session, sequence: 1, acknowledged: 1 })).toBe('session_expired');
  });

  it('say how long they live, within bounds', () => {
    const log = new TestLog();
    const ttlOf = (ttlMs: number) => log.send({ kind: 'open-session', ttlMs }).outcome;
    expect(ttlOf(0)).toMatchObject({ reply: { session: 1, ttlMs: sessionTtlRange.min } });
    expect(ttlOf(Number.MAX_SAFE_INTEGER)).toMatchObject({ reply: { session: 2, ttlMs: sessionTtlRange.max } });
    expect(ttlOf(60_000)).toMatchObject({ reply: { session: 3, ttlMs: 60_000 } });
  });

  it('are bounded in number', () => {
    const log = new TestLog();
    for (let count = 0; count < sessionsMax; count++) log.open();
    expect(log.send({ kind: 'open-session', ttlMs: 1000 }).outcome).toMatchObject({ kind: 'refused', code: 'too_many_sessions' });
    log.time += sessionTtlRange.max;
    expect(log.send({ kind: 'open-session', ttlMs: 1000 }).outcome.kind).toBe('accepted');
  });

  it.each(['memory', 'space'] as const)('forget the oldest replies first where they take too much (%s)', async (place) => {
    const space = new MemorySpace();
    const create = () =>
      place === 'memory'
        ? new MachineReplica(counter, undefined, { replyBytesMax: 1300 })
        : new MachineReplica(tally, space, { replyBytesMax: 1300 });
    const log = new TestLog(create());
    const [one, other] = [log.open(), log.open()];
    for (let sequence = 1; sequence <= 2; sequence++)
      for (const session of [one, other]) await log.command('increment', { by: 1 }, { session, sequence, acknowledged: 1 });
    const cut = create();
    if (place === 'memory') cut.restore(log.replica.snapshot());
    for (const replica of [log.replica, cut]) {
      log.replica = replica;
      expect(await log.refusal({ session: one, sequence: 1, acknowledged: 1 })).toBe('reply_forgotten');
      expect((await log.command('increment', { by: 1 }, { session: other, sequence: 2, acknowledged: 1 })).index).toBe(6);
      expect(log.value).toBe(4);
    }
  });

  it('apply a command at most once, however it is repeated, reordered and cut by restarts', async () => {
    const attempt = fc.record({
      session: fc.integer({ min: 0, max: 1 }),
      sequence: fc.integer({ min: 1, max: 6 }),
      acknowledged: fc.integer({ min: 1, max: 3 }),
      delay: fc.constantFrom(0, 10, 2500),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 40 }), fc.constantFrom(counter, tally), async (attempts, machine) => {
        const log = new TestLog(new MachineReplica(machine));
        const sessions = [log.open(6000), log.open(6000)];
        const replies = new Map<string, number>();
        let applied = 0;
        for (const { session, delay, restart, ...numbers } of attempts) {
          log.time += delay;
          const stamp = { session: sessions[session] ?? 0, ...numbers };
          const { index, outcome, events } = await log.command('increment', { by: 1 }, stamp);
          applied += events.length;
          const key = `${stamp.session}/${stamp.sequence}`;
          if (events.length > 0) expect(replies.has(key)).toBe(false);
          if (outcome.kind === 'accepted') {
            expect(replies.get(key) ?? index).toBe(index);
            replies.set(key, index);
          }
          if (restart) log.restart();
        }
        expect(log.value).toBe(applied);
      }),
      { numRuns: 60 },
    );
  });
});
