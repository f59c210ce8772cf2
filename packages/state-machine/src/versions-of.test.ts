import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from './codec/codec.ts';
import { defineMachine } from './define-machine.ts';
import type { AnyMachineDefinition } from './definition.ts';
import { command, event, query } from './handlers.ts';
import { MemorySpace } from './space/memory-space.ts';
import { table, tables } from './space/tables.ts';
import { upcastEvents, versionsOf } from './versions-of.ts';

const first = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { add: command(z.object({ by: z.number() }), (_state, { by }) => [event('added', by)]) },
  events: {
    added: (state, by) => {
      state.n += by;
    },
  },
  queries: { value: query((state) => state.n) },
});

const second = defineMachine({
  name: 'counter',
  version: 2,
  previous: first,
  state: () => ({ total: 0, changes: 0 }),
  migrate: ({ n }) => ({ total: n, changes: 0 }),
  upcast: {
    events: { added: (by: number) => event('increased', { by }) },
    commands: { add: ({ by }: { by: number }) => ({ type: 'increase', input: { by } }) },
  },
  commands: { increase: command(z.object({ by: z.number() }), (_state, { by }) => [event('increased', { by })]) },
  events: { increased: ({ total, changes }, { by }) => ({ total: total + by, changes: changes + 1 }) },
  queries: { value: query((state) => state.total), changes: query((state) => state.changes) },
});

const third = defineMachine({ ...second, version: 3, previous: second, migrate: (state) => ({ ...state, changes: -1 }), upcast: {} });

const adding = (by: number) => ({ index: 1, term: 1, time: 0, payload: encodeCommand({ type: 'add', input: { by } }) });

describe('versions of a machine', () => {
  it('are those that the definition leads back to', () => {
    expect(versionsOf(third).versions).toEqual({ oldest: 1, newest: 3 });
    expect(versionsOf(defineMachine({ ...second, previous: undefined as never, migrate: undefined as never })).versions).toEqual({
      oldest: 2,
      newest: 2,
    });
    expect(() => versionsOf(second).create(3)).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
    expect(() => versionsOf(second).create(0)).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
  });

  it('hand their state on', () => {
    const versions = versionsOf(third);
    const old = versions.create(1);
    old.apply([adding(5)]);
    const next = versions.migrate(old, 2);
    expect([next.version, next.query('value', {}), next.query('changes', {})]).toEqual([2, 5, 0]);
    expect(versions.migrate(next, 3).query('changes', {})).toBe(-1);
    expect(old.query('value', {})).toBe(5);
    expect(() => versions.migrate(old, 3)).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
  });

  it('understand what older ones left', () => {
    const versions = versionsOf(third);
    const { payload } = adding(5);
    expect(versions.upcastCommand(payload, 1, 1)).toBe(payload);
    expect(versions.create(3).decode(versions.upcastCommand(payload, 1, 3))).toEqual({ type: 'increase', input: { by: 5 } });
    expect(() => versions.upcastCommand(encodeCommand({ type: 'gone', input: {} }), 1, 3)).toThrow(
      expect.objectContaining({ code: 'unknown_command' }),
    );
    expect(upcastEvents(third, 1, [event('added', 2), event('other', 1)])).toEqual([event('increased', { by: 2 }), event('other', 1)]);
    expect(upcastEvents(third, 3, [event('added', 2)])).toEqual([event('added', 2)]);
    expect(() => upcastEvents(second, 3, [])).toThrow(expect.objectContaining({ code: 'machine_version_unsupported' }));
    expect(() => upcastEvents(defineMachine({ ...third, previous: undefined as never, migrate: undefined as never }), 1, [])).toThrow(
      expect.objectContaining({ code: 'machine_version_unsupported' }),
    );
  });

  it.each([
    ['throws', () => JSON.parse('nonsense')],
    ['returns nothing', () => undefined],
  ])('stop the member where a migration %s', (_how, migrate) => {
    const broken = defineMachine({ ...second, previous: first, migrate: migrate as never });
    const old = first.create();
    expect(() => versionsOf(broken).migrate(old, 2)).toThrow(
      expect.objectContaining({ code: 'machine_defect', message: expect.stringContaining('from version 1 to 2') }),
    );
    expect(old.query('value', {})).toBe(0);
  });

  it('keep tables where they are, and clear those that are gone', () => {
    const none = { commands: {}, events: {}, queries: {} };
    const shape = tables({ a: table<number>(), b: table<number>(), c: table<number>() });
    const before = defineMachine({
      ...none,
      name: 't',
      version: 1,
      state: shape,
    });
    const after = defineMachine({
      ...none,
      name: 't',
      version: 2,
      previous: before,
      state: tables({ a: table<string>(), c: table<number>(), d: table<number>() }),
      migrate: (from, to) => {
        for (const [key, value] of from.a.range()) to.a.put(key, `${value}`);
        for (const [key, value] of from.b.range()) to.d.put(key, value);
      },
    });
    const space = new MemorySpace();
    const old = shape.over(space);
    for (const each of [old.a, old.b, old.c]) each.put('x', 1);
    const next = versionsOf(after).migrate(before.create(space), 2, space);
    expect(next.version).toBe(2);
    const entries = Array.from(space.range(), ([key, value]) => [new TextDecoder().decode(key.slice(0, 1)), [...value]]);
    expect(entries).toEqual([
      ['a', [0xa1, 0x31]],
      ['c', [1]],
      ['d', [1]],
    ]);
  });
});

describe('a definition of a later version', () => {
  const refuses = (specification: Partial<AnyMachineDefinition>): void =>
    expect(() => defineMachine({ ...second, ...specification } as never)).toThrow(expect.objectContaining({ code: 'machine_defect' }));

  it('is refused where it does not fit the one before', () => {
    refuses({ name: 'other' });
    refuses({ version: 3 });
    refuses({ version: 1, previous: null, migrate: null });
    refuses({ previous: undefined as never });
    refuses({ state: tables({ a: table<number>() }) });
  });

  it('knows the types of both states', () => {
    const base = { name: 'counter', version: 2, previous: first, commands: {}, events: {}, queries: {} };
    const state = () => ({ total: 0 });
    // @ts-expect-error there is no `m` in the state before
    defineMachine({ ...base, state, migrate: ({ m }) => ({ total: m }) });
    // @ts-expect-error the total is a number
    defineMachine({ ...base, state, migrate: ({ n }) => ({ total: `${n}` }) });
    defineMachine({ ...base, state, migrate: ({ n }) => ({ total: n }) });
  });
});
