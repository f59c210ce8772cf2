import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from '../../src/codec/codec.ts';
import { defineMachine } from '../../src/define-machine.ts';
import type { AnyMachineDefinition } from '../../src/definition.ts';
import { accept, command, effect, event, query } from '../../src/handlers.ts';
import { replicate } from '../../src/replica/replicate.ts';
import { MemorySpace } from '../../src/space/memory-space.ts';
import { table, tables } from '../../src/space/tables.ts';
import { TestLog } from './test-log.ts';

const amount = z.object({ by: z.number() });
const later = z.object({ at: z.number(), by: z.number() });
const outcome = z.looseObject({ result: z.number() });

const first = defineMachine({
  name: 'score',
  version: 1,
  state: () => ({ n: 0 }),
  commands: {
    increment: command(amount, (state, { by }) => accept(state.n + by, [event('changed', { by })])),
    later: command(later, (_state, { at, by }, ctx) => {
      ctx.schedule('later', { at, command: 'increment', input: { by } });
      ctx.effect('notify', { by }, { then: 'noted' });
      return [];
    }),
    noted: command(outcome, (_state, { result }) => [event('changed', { by: result })]),
  },
  events: {
    changed: (state, { by }: { by: number }) => {
      state.n += by;
    },
  },
  effects: { notify: effect(amount) },
  queries: { value: query((state) => state.n) },
});

const second = defineMachine({
  name: 'score',
  version: 2,
  previous: first,
  migrate: ({ n }: { n: number }) => ({ total: n * 100 }),
  upcast: {
    commands: {
      increment: ({ by }: { by: number }) => ({ type: 'add', input: { cents: by * 100 } }),
      noted: ({ result }: { result: number }) => ({ type: 'add', input: { cents: result * 100 } }),
    },
  },
  state: () => ({ total: 0 }),
  commands: {
    add: command(z.object({ cents: z.number() }), (state, { cents }) => accept(state.total + cents, [event('added', { cents })])),
  },
  events: {
    added: (state, { cents }: { cents: number }) => {
      state.total += cents;
    },
  },
  effects: { notify: effect(amount) },
  queries: { value: query((state) => state.total) },
});

const onlySecond = defineMachine({
  name: 'score',
  version: 2,
  state: () => ({ total: 0 }),
  commands: { add: command(z.object({ cents: z.number() }), (state, { cents }) => accept(state.total + cents)) },
  events: {},
  queries: { value: query((state) => state.total) },
});

const firstTable = defineMachine({
  name: 'score',
  version: 1,
  state: tables({ counts: table<number>() }),
  commands: { increment: command(amount, (_state, { by }) => [event('changed', { by })]) },
  events: { changed: (state, { by }: { by: number }) => state.counts.put('n', (state.counts.get('n') ?? 0) + by) },
  queries: { value: query((state) => state.counts.get('n') ?? 0) },
});

const secondTable = defineMachine({
  name: 'score',
  version: 2,
  previous: firstTable,
  migrate: (from: { counts: { get(key: string): number | undefined } }, to: { totals: { put(key: string, value: number): void } }) =>
    to.totals.put('n', (from.counts.get('n') ?? 0) * 100),
  state: tables({ totals: table<number>() }),
  commands: { add: command(amount, (_state, { by }) => [event('changed', { by })]) },
  events: { changed: (state, { by }: { by: number }) => state.totals.put('n', (state.totals.get('n') ?? 0) + by) },
  queries: { value: query((state) => state.totals.get('n') ?? 0) },
});

const both = { oldest: 1, newest: 2 };

/** A group whose members have version 1 active and can run both. */
async function upgradeable(from: AnyMachineDefinition, to: AnyMachineDefinition, space?: MemorySpace): Promise<TestLog> {
  const old = new TestLog(replicate(from, space));
  await old.command('increment', { by: 3 });
  const log = new TestLog(replicate(to, space));
  log.entries.push(...old.entries);
  if (space === undefined) log.replica.apply(old.entries);
  return log;
}

describe('versions', () => {
  it('begin with that of the first command', async () => {
    const program = new TestLog(replicate(second));
    expect(program.replica.version).toBe(2);
    const payload = await replicate(first).encode({ type: 'increment', input: { by: 1 } });
    expect(program.append(payload).outcome.kind).toBe('accepted');
    expect(program.replica.version).toBe(1);
    expect(program.value).toBe(1);
    expect(program.replica.versions).toEqual(both);
  });

  it('take a bare command for the active version, and for the first in a fresh group', () => {
    const log = new TestLog(replicate(second));
    expect(log.append(encodeCommand({ type: 'increment', input: { by: 1 } })).outcome.kind).toBe('accepted');
    expect(log.replica.version).toBe(1);
  });

  it.each([
    ['objects', () => upgradeable(first, second)],
    ['tables', () => upgradeable(firstTable, secondTable, new MemorySpace())],
  ])('migrate once every member can run the next one (%s)', async (_place, start) => {
    const log = await start();
    const inFlight = await log.replica.encode({ type: 'increment', input: { by: 1 } });
    const activate = { kind: 'activate-version', version: 2, members: [1, 2] } as const;
    log.send({ kind: 'announce-versions', member: 1, versions: both });
    expect(log.replica.service.announced(1)).toEqual(both);
    expect(log.send(activate).outcome).toMatchObject({
      kind: 'rejected',
      code: 'version_not_activated',
      message: expect.stringContaining('2'),
    });
    expect(log.replica.version).toBe(1);
    log.send({ kind: 'announce-versions', member: 2, versions: both });
    expect(log.send(activate).outcome.kind).toBe('accepted');
    expect(log.replica.version).toBe(2);
    expect(log.value).toBe(300);
    expect(log.replica.service.announced(1)).toBeNull();
    expect(log.append(inFlight).outcome).toMatchObject({ kind: 'refused', code: 'version_changed' });
    expect(log.send(activate).outcome).toMatchObject({ kind: 'rejected', message: expect.stringContaining('active already') });
    expect(log.value).toBe(300);
  });

  it('answer the repetition of a command that an older version applied', async () => {
    const log = new TestLog(replicate(first));
    const session = log.open();
    const stamp = { session, sequence: 1, acknowledged: 1 };
    await log.command('increment', { by: 2 }, stamp);
    const { entries } = log;
    log.replica = replicate(second);
    log.replica.apply(entries);
    log.send({ kind: 'announce-versions', member: 1, versions: both });
    log.send({ kind: 'activate-version', version: 2, members: [1] });
    const again = await log.command('add', { cents: 200 }, stamp);
    expect(again).toMatchObject({ index: 2, outcome: { kind: 'accepted', reply: 2 }, events: [] });
    expect(log.value).toBe(200);
  });

  it('understand the timers and effects that an older one left', async () => {
    const log = await upgradeable(first, second);
    const at = log.time + 100;
    await log.command('later', { at, by: 1 });
    await log.command('later', { at, by: 1 });
    log.send({ kind: 'announce-versions', member: 1, versions: both });
    log.send({ kind: 'activate-version', version: 2, members: [1] });
    log.time = at;
    expect(log.send({ kind: 'clock' }).events).toEqual([{ type: 'added', data: { cents: 100 } }]);
    const [one, two] = log.replica.service.pendingEffects(9);
    expect([one?.version, two?.version]).toEqual([1, 1]);
    const follow = encodeCommand({ type: one?.then ?? '', input: { result: 4 } });
    expect(log.send({ kind: 'effect-done', effect: one?.id ?? '', command: follow }).events).toEqual([
      { type: 'added', data: { cents: 400 } },
    ]);
    const current = await log.replica.encode({ type: 'add', input: { cents: 1 } });
    expect(log.send({ kind: 'effect-done', effect: two?.id ?? '', command: current }).events).toEqual([
      { type: 'added', data: { cents: 1 } },
    ]);
  });

  it('that a program lacks stop it, or do not let it start', async () => {
    const space = new MemorySpace();
    const old = replicate(firstTable, space);
    const log = await upgradeable(firstTable, secondTable);
    log.send({ kind: 'announce-versions', member: 1, versions: both });
    log.send({ kind: 'activate-version', version: 2, members: [1] });
    expect(() => old.apply(log.entries)).toThrow(
      expect.objectContaining({ code: 'machine_version_unsupported', hint: expect.stringContaining('2') }),
    );
    const newSpace = new MemorySpace(log.replica.space?.range());
    expect(() => replicate(firstTable, newSpace)).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
    expect(replicate(secondTable, newSpace).query('value', undefined)).toBe(300);

    const memory = await upgradeable(first, second);
    const snapshot = memory.replica.snapshot();
    expect(() => replicate(onlySecond).restore(snapshot)).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
    const restored = replicate(second);
    restored.restore(snapshot);
    expect(restored.version).toBe(1);
    expect(restored.snapshot()).toEqual(snapshot);
  });

  it('of a fresh group are nobody else’s', () => {
    const log = new TestLog(replicate(second));
    log.open();
    const snapshot = log.replica.snapshot();
    const other = replicate(first);
    other.restore(snapshot);
    expect(other.version).toBe(1);
    expect(other.snapshot()).toEqual(snapshot);
  });
});
