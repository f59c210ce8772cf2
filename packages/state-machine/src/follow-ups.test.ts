import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from './codec/codec.ts';
import type { CommandContext } from './context.ts';
import type { FollowUpRoom } from './contract.ts';
import { defineMachine } from './define-machine.ts';
import { accept, command, effect, event, reject } from './handlers.ts';

/** A function that several machines may share takes any context. */
function tell(ctx: CommandContext): void {
  ctx.effect('notify', { to: 'all' });
}

const leases = defineMachine({
  name: 'leases',
  version: 1,
  state: () => ({ held: 0 }),
  commands: {
    acquire: command(z.object({ id: z.string(), ms: z.number() }), (_state, { id, ms }, ctx) => {
      ctx.schedule(id, { at: ctx.now + ms, command: 'expire', input: { id } });
      return accept(ctx.uuid(), [event('acquired')]);
    }),
    expire: command(z.object({ id: z.string().transform((id) => id.toUpperCase()) }), () => []),
    swap: command(z.object({}), (_state, _input, ctx) => {
      ctx.schedule('a', { at: 1, command: 'expire', input: { id: 'a' } });
      ctx.schedule('b', { at: 1, command: 'expire', input: { id: 'b' } });
      ctx.cancel('a');
      ctx.effect('notify', { to: 'x' }, { then: 'notified' });
      ctx.effect('notify', { to: 'y' });
      return [];
    }),
    refuse: command(z.object({}), (_state, _input, ctx) => {
      ctx.cancel('a');
      ctx.effect('notify', { to: 'x' });
      return reject('no', 'not today');
    }),
    told: command(z.object({}), (_state, _input, ctx) => {
      tell(ctx);
      return [];
    }),
    misuse: command(z.object({ how: z.string() }), (_state, { how }, ctx) => {
      if (how === 'unknown command') ctx.schedule('a', { at: 1, command: 'nope', input: {} });
      if (how === 'bad input') ctx.schedule('a', { at: 1, command: 'expire', input: { id: 7 } });
      if (how === 'no number') ctx.schedule('a', { at: Number.NaN, command: 'expire', input: { id: 'a' } });
      if (how === 'no id') ctx.cancel('');
      if (how === 'long id') ctx.cancel('x'.repeat(257));
      // @ts-expect-error there is no such effect
      if (how === 'unknown effect') ctx.effect('fly', {});
      // @ts-expect-error `to` is a string
      if (how === 'bad data') ctx.effect('notify', { to: 7 });
      if (how === 'unknown then') ctx.effect('notify', { to: 'x' }, { then: 'nope' });
      return [event('acquired')];
    }),
    notified: command(z.looseObject({ ok: z.boolean() }), () => []),
  },
  events: { acquired: (state) => ({ held: state.held + 1 }) },
  queries: {},
  effects: { notify: effect(z.object({ to: z.string() })) },
});

function outcomeOf(type: string, input: unknown, given: { readonly ordinal?: number; readonly room?: FollowUpRoom } = {}) {
  const machine = leases.create();
  const before = machine.snapshot();
  const [outcome] = machine.apply([{ index: 5, term: 1, time: 100, payload: encodeCommand({ type, input }), ...given }]);
  if (outcome?.kind === 'rejected') expect(machine.snapshot()).toEqual(before);
  return outcome;
}

describe('a command that is accepted', () => {
  it('schedules what its schema makes of the input, at a whole millisecond', () => {
    expect(outcomeOf('acquire', { id: 'a', ms: 0.5 })).toMatchObject({
      timers: [{ kind: 'schedule', id: 'a', at: 101, command: { type: 'expire', input: { id: 'A' } } }],
    });
  });

  it('changes each timer once and asks for effects in order', () => {
    expect(outcomeOf('swap', {})).toMatchObject({
      timers: [
        { kind: 'schedule', id: 'b' },
        { kind: 'cancel', id: 'a' },
      ],
      effects: [
        { type: 'notify', data: { to: 'x' }, then: 'notified' },
        { type: 'notify', data: { to: 'y' }, then: null },
      ],
    });
  });

  it('asks for no more than there is room for', () => {
    expect(outcomeOf('swap', {}, { room: { timers: 1, effects: 2 } })).toMatchObject({ kind: 'accepted' });
    expect(outcomeOf('swap', {}, { room: { timers: 0, effects: 2 } })).toMatchObject({ kind: 'rejected', code: 'too_many_timers' });
    expect(outcomeOf('swap', {}, { room: { timers: 1, effects: 1 } })).toMatchObject({ kind: 'rejected', code: 'too_many_effects' });
  });

  it('draws something else than the other commands of its entry', () => {
    const [first, again, other] = [0, undefined, 1].map((ordinal) =>
      outcomeOf('acquire', { id: 'a', ms: 1 }, ordinal === undefined ? {} : { ordinal }),
    );
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

it('may leave the asking to a function', () => {
  expect(outcomeOf('told', {})).toMatchObject({ effects: [{ type: 'notify', data: { to: 'all' }, then: null }] });
});

it('leaves nothing behind where it is rejected', () => {
  expect(outcomeOf('refuse', {})).toEqual({ kind: 'rejected', code: 'no', message: 'not today', details: undefined });
});

it.each(['unknown command', 'bad input', 'no number', 'no id', 'long id', 'unknown effect', 'bad data', 'unknown then'])(
  'is rejected where it asks for something with %s',
  (how) => {
    expect(outcomeOf('misuse', { how })).toMatchObject({ kind: 'rejected', code: 'machine_defect' });
  },
);

it('cannot ask for anything once its handler has returned', () => {
  let late = (): void => {};
  const machine = defineMachine({
    name: 'late',
    version: 1,
    state: () => 0,
    commands: {
      leave: command(z.object({}), (_state, _input, ctx) => {
        late = () => ctx.cancel('a');
        return [];
      }),
    },
    events: {},
    queries: {},
  }).create();
  machine.apply([{ index: 1, term: 1, time: 0, payload: encodeCommand({ type: 'leave', input: {} }) }]);
  expect(late).toThrow(expect.objectContaining({ code: 'machine_defect' }));
});
