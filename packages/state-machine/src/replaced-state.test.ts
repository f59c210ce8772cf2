import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from './codec/codec.ts';
import { composeMachines } from './composition/compose-machines.ts';
import { defineMachine } from './define-machine.ts';
import { command, event, query } from './handlers.ts';
import { given } from './testing/index.ts';

describe('what an event handler returns', () => {
  it.each<[what: string, initial: unknown, before: unknown, returned: unknown, refused: string | null]>([
    ['a number for an object', { n: 0 }, null, 1, 'returned a number in place of the state, which is an object: use a block body'],
    ['an array for an object', { n: 0 }, null, [1], 'returned an array'],
    ['a map for an object', { n: 0 }, null, new Map(), 'returned an instance of Map'],
    ['null for an object', { n: 0 }, null, null, 'returned null'],
    ['the new length for an array', [], null, 1, 'returned a number in place of the state, which is an array'],
    ['an object for an object', { n: 0 }, null, { n: 1 }, null],
    ['a number for a number', 0, null, 1, null],
    ['an object for null', null, null, { n: 1 }, null],
    ['null again for an object', null, { n: 1 }, null, null],
  ])('is taken for the state only where it is one: %s', (_what, initial, before, returned, refused) => {
    const machine = defineMachine({
      name: 'replacing',
      version: 1,
      state: () => initial,
      commands: { go: command(z.object({}), () => [...(before === null ? [] : [event('begun')]), event('gone')]) },
      events: { begun: () => before, gone: () => returned },
      queries: { all: query((state) => state) },
    }).create();
    const payload = encodeCommand({ type: 'go', input: {} });
    const apply = () => machine.apply([{ index: 1, term: 1, time: 0, payload }]);
    if (refused === null) {
      expect(apply()).toMatchObject([{ kind: 'accepted' }]);
      expect(machine.query('all', undefined)).toEqual(returned);
    } else {
      expect(apply).toThrow(expect.objectContaining({ code: 'machine_defect', message: expect.stringContaining(refused) }));
      expect(apply).toThrow('event "gone"');
    }
  });

  it('is told to whoever specifies the machine, also of a part', () => {
    const counter = defineMachine({
      name: 'counter',
      version: 1,
      state: () => ({ n: 0 }),
      commands: { add: command(z.object({ by: z.number() }), (_state, { by }) => [event('added', { by })]) },
      events: { added: ((state: { n: number }, { by }: { by: number }) => (state.n += by)) as never },
      queries: {},
    });
    const told = 'returned a number in place of the state, which is an object: use a block body or return the whole state';
    const past = given(counter, [{ type: 'added', data: { by: 1 } }] as never);
    expect(() => past.when({ type: 'add', input: { by: 1 } })).toThrow(told);
    expect(() => given(counter, []).when({ type: 'add', input: { by: 1 } })).toThrow(told);
    const both = composeMachines({ name: 'both', version: 1, machines: { left: counter, right: counter } });
    expect(() => given(both, []).when({ type: 'left.add', input: { by: 1 } })).toThrow(told);
  });
});
