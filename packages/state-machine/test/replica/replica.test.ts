import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../src/codec/codec.ts';
import { isMachineError } from '../../src/machine-error.ts';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import type { GroupRequest } from '../../src/replica/request.ts';
import { decodeRequest, encodeRequest } from '../../src/replica/request-codec.ts';
import { MemorySpace } from '../../src/space/memory-space.ts';
import { counter, TestLog, tally } from './test-log.ts';

const number = fc.oneof(fc.nat(20), fc.maxSafeNat());
const members = fc.array(number, { maxLength: 5 });
const bytes = fc.uint8Array({ maxLength: 20 });
const stamp = fc.option(
  fc.record({
    session: fc.integer({ min: 1, max: 4 }),
    sequence: fc.integer({ min: 1, max: 5 }),
    acknowledged: fc.integer({ min: 1, max: 5 }),
  }),
);
const commands = fc.constantFrom(
  encodeCommand({ type: 'increment', input: { by: 2 } }),
  encodeCommand({ type: 'plan', input: { id: 'a', at: 1_000_030, by: 1 } }),
  encodeCommand({ type: 'ask', input: { by: 1, times: 2 } }),
  encodeCommand({ type: 'again', input: { by: 1 } }),
  Uint8Array.of(1, 2, 3),
);

const anyRequest: fc.Arbitrary<GroupRequest> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('command' as const), version: fc.constantFrom(null, 1), stamp, command: commands }),
  },
  fc.record({ kind: fc.constant('open-session' as const), ttlMs: number }),
  fc.record({ kind: fc.constantFrom('keep-session' as const, 'close-session' as const), session: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ kind: 'clock' as const }),
  fc.record({
    kind: fc.constant('effect-done' as const),
    effect: fc.constantFrom('1', '2', 'x'),
    command: fc.option(fc.oneof(commands, bytes)),
  }),
  fc.record({ kind: fc.constant('announce-versions' as const), member: number, versions: fc.record({ oldest: number, newest: number }) }),
  fc.record({ kind: fc.constant('compare-states' as const), members: fc.subarray([1, 2, 3]) }),
  fc.record({ kind: fc.constant('report-digests' as const), member: fc.constantFrom(1, 2, 3), round: fc.nat(3), digests: members }),
);

describe('a replica', () => {
  it.each([
    ['memory', counter],
    ['space', tally],
  ])('goes on from a snapshot at any cut as if there had been none (%s)', (_place, versions) => {
    const entry = fc.record({ request: anyRequest, delay: fc.constantFrom(0, 5, 1500) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), fc.nat(), (entries, cutAt) => {
        const whole = new TestLog(new MachineReplica(versions));
        const cut = new TestLog(new MachineReplica(versions));
        for (const [position, { request, delay }] of entries.entries()) {
          if (position === cutAt % entries.length) cut.restart();
          for (const log of [whole, cut]) log.time += delay;
          expect(cut.send(request)).toEqual(whole.send(request));
          expect(cut.replica.service.dueAt).toBe(whole.replica.service.dueAt);
        }
        expect(cut.replica.snapshot()).toEqual(whole.replica.snapshot());
        // The cut into batches does not matter either.
        const batched = new MachineReplica(versions);
        batched.apply(whole.entries);
        expect(batched.snapshot()).toEqual(whole.replica.snapshot());
      }),
      { numRuns: 100 },
    );
  });

  it('refuses what is no request, and changes nothing', () => {
    const log = new TestLog();
    const before = log.value;
    expect(log.append(Uint8Array.of(0xc1, 0, 1, 0xc0)).outcome).toMatchObject({ kind: 'refused', code: 'malformed_payload' });
    expect(log.append(Uint8Array.of(0xc1)).outcome).toMatchObject({ kind: 'refused', code: 'malformed_payload' });
    expect(log.append(Uint8Array.of(0xff)).outcome).toMatchObject({ kind: 'rejected', code: 'malformed_payload' });
    expect(log.value).toBe(before);
  });

  it('refuses a snapshot that is none, and keeps its state', async () => {
    const log = new TestLog();
    await log.command('increment', { by: 4 });
    const snapshot = log.replica.snapshot();
    expect(() => log.replica.restore(Uint8Array.of(0xc1))).toThrow(expect.objectContaining({ code: 'malformed_payload' }));
    expect(() => log.replica.restore(snapshot.subarray(0, snapshot.length - 2))).toThrow(
      expect.objectContaining({ code: 'malformed_payload' }),
    );
    const other = new TestLog(new MachineReplica({ ...counter, name: 'other' }));
    expect(() => other.replica.restore(snapshot)).toThrow(expect.objectContaining({ code: 'snapshot_of_another_machine' }));
    expect(log.value).toBe(4);
  });

  it('reads what a space was given instead of what it had', async () => {
    const source = new TestLog(new MachineReplica(tally));
    const session = source.open();
    await source.command('increment', { by: 5 }, { session, sequence: 1, acknowledged: 1 });
    const space = new MemorySpace();
    const target = new TestLog(new MachineReplica(tally, space));
    await target.command('increment', { by: 1 });
    for (const [key] of [...space.range()]) space.delete(key);
    for (const [key, value] of source.replica.space?.range() ?? []) space.put(key, value);
    target.replica.reload();
    expect(target.value).toBe(5);
    const again = await target.command('increment', { by: 5 }, { session, sequence: 1, acknowledged: 1 });
    expect(again).toMatchObject({ index: 2, events: [] });
  });
});

describe('requests as bytes', () => {
  it('are read back', () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        expect(decodeRequest(encodeRequest(request))).toEqual(request);
      }),
    );
  });

  it('are refused with malformed_payload and nothing else where they are none', () => {
    const hostile = fc.oneof(
      bytes.map((tail) => new Uint8Array([0xc1, ...tail])),
      bytes.map((tail) => new Uint8Array([0xc1, 0, tail.length, ...tail])),
      fc.tuple(anyRequest, fc.nat(), fc.nat(255)).map(([request, at, byte]) => {
        const damaged = encodeRequest(request);
        damaged[1 + (at % (damaged.length - 1))] = byte;
        return damaged;
      }),
    );
    fc.assert(
      fc.property(hostile, (payload) => {
        try {
          decodeRequest(payload);
        } catch (error) {
          expect(isMachineError(error, 'malformed_payload')).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
