import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeEvents, decodeValue, encodeEvents, encodeValue } from '../../src/codec/codec.ts';
import { depthMax, inputDepthMax, inputItemsMax, outcomeLimits } from '../../src/codec/format.ts';
import { defineMachine } from '../../src/define-machine.ts';
import { accept, command, effect, event, query, reject } from '../../src/handlers.ts';
import { oneVersion } from '../../src/machine-versions.ts';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import { TestLog } from './test-log.ts';

/** What the handlers of commands return next: anything. */
let decision: () => unknown = () => [];
/** What the next timer and the next effect are given; null for none. */
let asked: { readonly input: unknown } | null = null;

const echoDefinition = defineMachine({
  name: 'echo',
  version: 1,
  state: () => ({ kept: [] as unknown[] }),
  commands: {
    do: command(z.any(), (_state, _input, ctx) => {
      if (asked !== null) {
        ctx.schedule('later', { at: ctx.now + 1e9, command: 'do', input: asked.input });
        ctx.effect('tell', asked.input);
      }
      return decision() as [];
    }),
    plan: command(z.object({ id: z.string() }), (_state, { id }, ctx) => {
      ctx.schedule(id, { at: ctx.now + 1, command: 'do', input: null });
      return [];
    }),
    wrap: command(z.any(), (_state, input) => accept({ input }, [event('kept', { data: { input } })])),
    bury: command(z.any(), () => [event('buried')]),
  },
  events: {
    kept: (state, data: unknown) => {
      state.kept = [data];
    },
    buried: (state) => {
      state.kept = [nested(depthMax)];
    },
  },
  effects: { tell: effect(z.any()) },
  queries: { kept: query((state) => state.kept) },
});
const echo = oneVersion(echoDefinition, (space) => echoDefinition.create(space));

function nested(levels: number, inside: unknown = 1): unknown {
  return levels === 0 ? inside : [nested(levels - 1, inside)];
}

function freshLog(): TestLog {
  decision = () => [];
  asked = null;
  return new TestLog(new MachineReplica(echo));
}

/** Goes on from a snapshot with another replica. */
function goOn(log: TestLog): void {
  const next = new MachineReplica(echo);
  next.restore(log.replica.snapshot());
  expectSame(next.snapshot(), log.replica.snapshot());
  log.replica = next;
}

/** Byte for byte; a matcher takes very long for a mebibyte. */
function expectSame(bytes: Uint8Array, others: Uint8Array): void {
  expect(Buffer.compare(bytes, others)).toBe(0);
}

class Account {
  readonly owner = 'x';
}

const endless: unknown[] = [];
endless.push(endless);

const unwritable: readonly (readonly [string, unknown])[] = [
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['an instance of a class', new Account()],
  ['a promise', Promise.resolve()],
  ['an invalid date', new Date(Number.NaN)],
  ['half of a surrogate pair', '\ud800'],
  ['half of one in a key', { '\udc00': 1 }],
  ['a key __proto__', JSON.parse('{"__proto__":1}')],
  ['a bigint beyond all measure', 1n << 600_000n],
  ['a value that contains itself', endless],
  ['more levels than there may be', nested(outcomeLimits.depthMax + 1)],
  ['more bytes than there may be', new Uint8Array(outcomeLimits.bytesMax + 1)],
  ['a map that is none', Object.create(Map.prototype)],
  [
    'a property that throws',
    {
      get x() {
        throw Object.create(null);
      },
    },
  ],
];

const writable: readonly (readonly [string, unknown])[] = [
  ['as many levels as there may be', nested(outcomeLimits.depthMax - 1)],
  ['undefined as deep as may be', nested(outcomeLimits.depthMax - 1, undefined)],
  ['a bigint as deep as may be', nested(outcomeLimits.depthMax - 1, -(1n << 500_000n))],
  ['a mebibyte', new Uint8Array(1 << 20)],
];

describe('what a command causes and cannot be written', () => {
  it.each(unwritable)('is rejected, and nothing changes: %s', async (_what, value) => {
    const log = freshLog();
    const session = log.open();
    const before = log.replica.snapshot();
    const attempts: (() => unknown)[] = [
      () => [event('kept', value)],
      () => [event('kept', 1), event('kept', { value })],
      () => accept(value, [event('kept', 1)]),
      () => reject('no', 'no', value),
      () => reject('no', value as string),
    ];
    for (const [at, attempt] of attempts.entries()) {
      decision = attempt;
      const { outcome } = await log.command('do', null, { session, sequence: at + 1, acknowledged: 0 });
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'machine_defect' });
    }
    decision = () => [event('kept', 1)];
    asked = { input: value };
    expect((await log.command('do', null)).outcome).toMatchObject({ kind: 'rejected', code: 'machine_defect' });
    expect(log.replica.query('kept', undefined)).toEqual([]);
    expect(log.replica.service.pendingEffects(1)).toEqual([]);
    goOn(log);
    expect(before.length).toBeLessThan(log.replica.snapshot().length);
  });

  it.each(writable)('is taken where it can: %s', async (_what, value) => {
    const log = freshLog();
    const session = log.open();
    decision = () => accept(value, [event('kept', value)]);
    asked = { input: value };
    const applied = await log.command('do', null, { session, sequence: 1, acknowledged: 0 });
    expect(applied).toMatchObject({ outcome: { kind: 'accepted' } });
    expectSame(encodeValue(decodeEvents(applied.encodedEvents ?? new Uint8Array(0)).events), encodeValue(applied.events));
    goOn(log);
    asked = null;
    const again = await log.command('do', null, { session, sequence: 1, acknowledged: 0 });
    expectSame(encodeValue(again.outcome.kind === 'accepted' ? again.outcome.reply : null), encodeValue(value));
  });

  it('is rejected without writing all of it where it is endless', async () => {
    const log = freshLog();
    decision = () => accept(new Array(2 ** 32 - 1));
    expect((await log.command('do', null)).outcome).toMatchObject({ kind: 'rejected', code: 'machine_defect' });
  });

  it('is rejected where the timers and effects of one command together are too much', async () => {
    const log = freshLog();
    asked = { input: new Uint8Array(outcomeLimits.bytesMax / 2) };
    expect((await log.command('do', null)).outcome).toMatchObject({ code: 'machine_defect', message: expect.stringContaining('bytes') });
  });

  it('is one record of the journal with what timers cause, which fire with later entries where that gets too large', async () => {
    const log = freshLog();
    decision = () => [event('kept', new Uint8Array(outcomeLimits.bytesMax / 2))];
    for (let count = 0; count < 5; count++) await log.command('plan', { id: `t${count}` });
    log.time += 1;
    const fired = Array.from({ length: 4 }, () => log.send({ kind: 'clock' }).events.length);
    expect(fired).toEqual([2, 2, 1, 0]);
    expect(log.replica.service.dueAt).toBeNull();
  });

  it('never harms a replica, whatever a handler returns or throws', async () => {
    const log = freshLog();
    const session = log.open();
    const leaf = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true }),
      fc.constantFrom(...[...unwritable, ...writable].filter(([what]) => !what.includes('bytes')).map(([, value]) => value)),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 200 }).map((levels) => nested(levels)),
    );
    const happened = fc.oneof(
      { weight: 3, arbitrary: leaf.map((data) => event('kept', data)) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom('kept', 'toString', '__proto__', 'nothing'), leaf).map(([type, data]) => ({ type, data })),
      },
    );
    const events = fc.array(happened, { maxLength: 3 });
    const decided = fc.oneof(
      events.map((all) => () => all as unknown),
      fc.tuple(leaf, events).map(
        ([reply, all]) =>
          () =>
            accept(reply, all),
      ),
      fc.tuple(leaf, leaf, leaf).map(
        ([code, message, details]) =>
          () =>
            reject(code as string, message as string, details),
      ),
      leaf.map((value) => () => value),
      leaf.map((value) => () => {
        throw value;
      }),
    );
    let sequence = 0;
    await fc.assert(
      fc.asyncProperty(decided, fc.option(leaf.map((input) => ({ input }))), async (next, more) => {
        decision = next;
        asked = more;
        const stamp = { session, sequence: ++sequence, acknowledged: sequence };
        const { events: caused, encodedEvents, outcome } = await log.command('do', null, stamp);
        const written = encodeEvents({ version: 1, events: caused });
        expect(encodedEvents === null).toBe(caused.length === 0);
        if (encodedEvents !== null) expectSame(encodedEvents, written);
        expectSame(encodeEvents(decodeEvents(written)), written);
        if (outcome.kind === 'accepted') decodeValue(encodeValue(outcome.reply));
        else encodeValue([outcome.code, outcome.message]);
        if (sequence % 20 === 0) goOn(log);
      }),
      { numRuns: 250 },
    );
    goOn(log);
  });
});

describe('an input', () => {
  it('may nest so deep that a machine can still put it into something, and not deeper', async () => {
    const log = freshLog();
    const { outcome } = await log.command('wrap', nested(inputDepthMax));
    expect(outcome).toMatchObject({ kind: 'accepted' });
    goOn(log);
    await expect(log.replica.encode({ type: 'wrap', input: nested(inputDepthMax + 1) })).rejects.toMatchObject({
      code: 'invalid_input',
      hint: expect.stringContaining(`${inputDepthMax} levels`),
    });
  });

  it('has a bounded number of items, wherever they are', async () => {
    const log = freshLog();
    const items = Array.from({ length: inputItemsMax - 2 }, (_, at) => at);
    for (const most of [[items, 1], { a: items, b: 1 }, [new Set(items), 1], [new Map(items.map((at) => [at, at])), 1]]) {
      await log.replica.encode({ type: 'wrap', input: most });
      const encoded = log.replica.encode({ type: 'wrap', input: [most] });
      await expect(encoded).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('too many items'),
        hint: expect.stringContaining(`more than ${inputItemsMax} items in several parts`),
      });
    }
  });
});

describe('a state that cannot be written', () => {
  it('stops no replica, gives a clear error, and can be mended', async () => {
    const log = freshLog();
    for (let count = 0; count < 3; count++) expect((await log.command('bury', null)).outcome).toMatchObject({ kind: 'accepted' });
    expect(() => log.replica.snapshot()).toThrowError(
      expect.objectContaining({ code: 'machine_defect', message: expect.stringContaining('"echo"') }),
    );
    await log.command('wrap', 'mended');
    goOn(log);
    expect(log.replica.query('kept', undefined)).toEqual([{ data: { input: 'mended' } }]);
  });
});
