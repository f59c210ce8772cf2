import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from '../codec/codec.ts';
import { defineMachine } from '../define-machine.ts';
import { accept, command, event, query, reject } from '../handlers.ts';
import { replicate } from '../replica/replicate.ts';
import { encodeRequest } from '../replica/request-codec.ts';
import { MemorySpace } from '../space/memory-space.ts';
import { table, tables } from '../space/tables.ts';
import { GuardedReplica, guarded, installAmbientGuard, replicateGuarded, unguarded } from './index.ts';

let act: () => unknown = () => null;

/** Does whatever a test says, in a handler of each kind. */
const tainted = defineMachine({
  name: 'tainted',
  version: 1,
  state: tables({ seen: table<number>() }),
  commands: {
    decide: command(z.object({}), () => accept(String(act()), [event('seen')])),
    evolve: command(z.object({ at: z.number().default(() => Number(act())) }), () => [event('acted')]),
    swallow: command(z.object({}), () => {
      try {
        act();
      } catch {}
      return [event('seen')];
    }),
  },
  events: {
    seen: (state) => state.seen.put('x', 1),
    acted: () => void act(),
  },
  queries: { ask: query((state) => [String(act()), state.seen.get('x') ?? 0]) },
});

function run(type: string, space = new MemorySpace()) {
  const command = encodeCommand({ type, input: {} });
  return replicateGuarded(tainted, space).apply([
    { index: 1, term: 1, time: 5, payload: encodeRequest({ kind: 'command', version: 1, stamp: null, command }) },
  ])[0];
}

let remove = () => {};
beforeEach(() => {
  remove = installAmbientGuard();
});
afterEach(() => remove());

describe('a machine under the guard', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['Math.random', () => Math.random(), 'ctx.random()'],
    ['Date.now', () => Date.now(), 'ctx.now'],
    ['new Date', () => new Date(), 'new Date(ctx.now)'],
    ['Date', () => Date(), 'new Date(ctx.now)'],
    ['Date.prototype.getHours', () => new Date(0).getHours(), 'UTC'],
    ['String.prototype.localeCompare', () => 'a'.localeCompare('b'), 'locales'],
    ['performance.now', () => performance.now(), 'ctx.now'],
    ['process.hrtime', () => process.hrtime(), 'ctx.now'],
    ['process.hrtime.bigint', () => process.hrtime.bigint(), 'ctx.now'],
    ['crypto.randomUUID', () => crypto.randomUUID(), 'ctx.uuid()'],
    ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1)), 'ctx.random()'],
    ['setTimeout', () => setTimeout(() => {}, 1), 'ctx.schedule'],
    ['setInterval', () => setInterval(() => {}, 1), 'ctx.schedule'],
    ['setImmediate', () => setImmediate(() => {}), 'ctx.schedule'],
    ['queueMicrotask', () => queueMicrotask(() => {}), 'ctx.schedule'],
    ['fetch', () => fetch('http://127.0.0.1:1'), 'ctx.effect'],
    ['fs.readFileSync', () => readFileSync(import.meta.filename), 'ctx.effect'],
  ])('must not use %s: the error names the file and what to use instead', (what, does, instead) => {
    act = does;
    const thrown = expect.objectContaining({
      code: 'nondeterministic',
      message: expect.stringMatching(
        new RegExp(`^machine "tainted" uses ${what.replaceAll('.', '\\.')} in .*guard\\.test\\.ts:\\d+:\\d+$`),
      ),
      hint: expect.stringContaining(instead),
    });
    for (const handler of ['decide', 'evolve']) expect(() => run(handler), handler).toThrow(thrown);
    expect(() => replicateGuarded(tainted).query('ask', undefined)).toThrow(thrown);
  });

  it('does not get away with catching the error', () => {
    act = () => Date.now();
    expect(() => run('swallow')).toThrow(expect.objectContaining({ code: 'nondeterministic' }));
  });

  it('must not change the state in a query or a command, whatever comes of that, and has it back where it did', () => {
    const sorting = defineMachine({
      name: 'sorting',
      version: 1,
      state: () => ({ names: ['b'] }),
      commands: {
        add: command(z.object({}), () => [event('added')]),
        sort: command(z.object({}), ({ names }) => reject('sorted', `${names.sort()}`)),
      },
      events: { added: ({ names }) => void names.push('a') },
      queries: {
        sorted: query(({ names }) => names.sort()),
        failed: query(({ names }) => names.sort().at(9)?.slice(1) ?? JSON.parse('no')),
        copied: query(({ names }) => names.toSorted()),
        names: query(({ names }) => names),
      },
    });
    const machine = replicateGuarded(sorting);
    machine.apply([{ index: 1, term: 1, time: 5, payload: encodeCommand({ type: 'add', input: {} }) }]);
    for (const type of ['sorted', 'failed'])
      expect(() => machine.query(type, undefined)).toThrow(
        expect.objectContaining({
          code: 'nondeterministic',
          message: `the handler of query "${type}" changed the state`,
          hint: expect.stringContaining('toSorted()'),
        }),
      );
    expect(() => machine.apply([{ index: 2, term: 1, time: 5, payload: encodeCommand({ type: 'sort', input: {} }) }])).toThrow(
      expect.objectContaining({ code: 'nondeterministic', message: 'the handler of command "sort" changed the state' }),
    );
    const told: string[] = [];
    const watched = new GuardedReplica(replicate(sorting), ({ message }) => told.push(message));
    watched.apply([{ index: 1, term: 1, time: 5, payload: encodeCommand({ type: 'add', input: {} }) }]);
    expect([watched.query('copied', undefined), watched.query('sorted', undefined), told.length]).toEqual([['a', 'b'], ['a', 'b'], 1]);
    expect(machine.query('copied', undefined)).toEqual(['a', 'b']);
    expect(machine.query('names', undefined)).toEqual(['b', 'a']);
  });

  it('may have schemas for clients that look around: what they find goes into the log', async () => {
    act = () => Date.now();
    await expect(replicateGuarded(tainted).encode({ type: 'evolve', input: {} })).resolves.toBeInstanceOf(Uint8Array);
  });

  it('may use what is the same everywhere, and a space that is not', () => {
    act = () => new Date(0).toISOString();
    const space = new MemorySpace();
    const put = space.put.bind(space);
    space.put = (key, value) => {
      performance.now();
      put(key, value);
    };
    expect(run('decide', space)).toMatchObject({ outcome: { reply: '1970-01-01T00:00:00.000Z' } });
    expect(replicateGuarded(tainted, space).query('ask', undefined)).toEqual(['1970-01-01T00:00:00.000Z', 1]);
  });
});

describe('the guard', () => {
  it('concerns machines only, and nobody once it is removed', () => {
    expect(Date.now()).toBeGreaterThan(0);
    expect(guarded('m', () => unguarded(() => Math.random()))).toBeLessThan(1);
    remove();
    expect(guarded('m', () => [new Date() instanceof Date, Math.random() < 1, readFileSync(import.meta.filename).length > 0])).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('tells instead of throwing where somebody wants to be told', () => {
    const told: string[] = [];
    expect(
      guarded(
        'm',
        () => Math.random(),
        ({ message }) => told.push(message),
      ),
    ).toBeLessThan(1);
    expect(told).toEqual([expect.stringContaining('machine "m" uses Math.random in ')]);
  });
});
