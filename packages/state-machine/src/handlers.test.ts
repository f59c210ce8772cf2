import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineMachine } from './define-machine.ts';
import { type EffectContext, EffectFailed, type EffectHandlers, isEffectFailed } from './effect-handlers.ts';
import { accept, command, effect, event, query, reject } from './handlers.ts';
import type { CommandRejection, CommandReply, EventOf, QueryAnswer } from './machine-types.ts';

const seats = defineMachine({
  name: 'seats',
  version: 1,
  state: () => ({ free: 2 }),
  commands: {
    book: command(
      z.object({ seats: z.number().int() }),
      (state, { seats }, ctx) => {
        if (seats > 9) return reject('too_many', 'at most nine at a time');
        if (seats > state.free) return reject('sold_out', 'not that many are free', { free: state.free });
        ctx.effect('mail', { to: 'a@example.org', seats });
        return accept({ booked: seats }, [event('booked', { seats })]);
      },
      {
        description: 'Books seats next to each other.',
        reply: z.object({ booked: z.number() }),
        errors: { too_many: 'More than nine.', sold_out: { description: 'Not enough is free.', status: 409 }, unused: 'Does no harm.' },
      },
    ),
  },
  events: { booked: (state, { seats }) => ({ free: state.free - seats }) },
  queries: { free: query((state) => state.free, { description: 'How many are free.', answer: z.number() }) },
  effects: { mail: effect(z.object({ to: z.string(), seats: z.number().transform(String) }), { description: 'Confirms.' }) },
});

describe('a command with named errors', () => {
  it('has them in its type', () => {
    const soldOut: CommandRejection<typeof seats, 'book'> = { code: 'sold_out', details: { free: 1 } };
    const tooMany: CommandRejection<typeof seats, 'book'> = { code: 'too_many', details: undefined };
    // @ts-expect-error there is no such code
    const unknown: CommandRejection<typeof seats, 'book'> = { code: 'unused', details: undefined };
    // @ts-expect-error the details belong to the code
    const mixed: CommandRejection<typeof seats, 'book'> = { code: 'sold_out', details: undefined };
    expect([soldOut, tooMany, unknown, mixed]).toHaveLength(4);
  });

  it('keeps the types of the rest', () => {
    const reply: CommandReply<typeof seats, 'book'> = { booked: 1 };
    const booked: EventOf<typeof seats> = { type: 'booked', data: { seats: 1 } };
    const answer: QueryAnswer<typeof seats, 'free'> = 1;
    expect([reply, booked, answer]).toHaveLength(3);
    expect(seats.create().query('free', {})).toBe(2);
  });

  it('gives them a status that HTTP has for errors', () => {
    const go = command(z.object({}), () => [], { errors: { odd: { description: 'Odd.', status: 200 } } });
    const base = { name: 'm', version: 1, state: () => 0, events: {}, queries: {} };
    expect(() => defineMachine({ ...base, commands: { go } })).toThrow(expect.objectContaining({ code: 'machine_defect' }));
  });

  it('does not compile where one is missing', () => {
    const schema = z.object({});
    const handler = (): ReturnType<typeof reject<'no'>> => reject('no', 'not today');
    command(schema, handler);
    command(schema, handler, { description: 'Without names.' });
    command(schema, handler, { errors: { no: 'Not today.', never: 'Nor tomorrow.' } });
    // @ts-expect-error `no` is missing
    command(schema, handler, { errors: { never: 'Nor tomorrow.' } });
    const base = { name: 'm', version: 1, state: () => 0, events: {}, queries: {} };
    // @ts-expect-error and so it is inside of a definition
    defineMachine({ ...base, commands: { go: command(schema, () => reject('no', 'not today'), { errors: {} }) } });
  });
});

describe('handlers of effects', () => {
  it('know the data that the schema gives', () => {
    const handlers: EffectHandlers<typeof seats> = { mail: ({ to, seats }, { id, signal }) => [to, seats.length, id, signal.aborted] };
    const context: EffectContext = { id: '1/0', attempt: 1, index: 1, time: 0, signal: new AbortController().signal };
    expect(handlers.mail({ to: 'x', seats: '2' }, context)).toEqual(['x', 1, '1/0', false]);
    // @ts-expect-error there is no effect `fax`
    const wrong: EffectHandlers<typeof seats> = { mail: () => 1, fax: () => 1 };
    // @ts-expect-error nobody handles `mail`
    const missing: EffectHandlers<typeof seats> = {};
    expect([wrong, missing]).toHaveLength(2);
  });

  it('fail for good with an error of their own', () => {
    expect(isEffectFailed(new EffectFailed('no such address'))).toBe(true);
    expect(isEffectFailed(new Error('no such address'))).toBe(false);
  });
});
