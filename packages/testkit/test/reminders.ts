import { accept, command, defineMachine, type EffectOutcome, effect, event, query } from '@flotilla/state-machine';
import { z } from 'zod';

/** What follows from an effect is told by the group, not by a client. */
const outcome = z.looseObject({ id: z.string(), ok: z.boolean() }) as unknown as z.ZodType<EffectOutcome>;

/** Rings when it is time, and sends a letter each time. */
export const reminders = defineMachine({
  name: 'reminders',
  version: 1,
  state: () => ({ rung: [] as { name: string; at: number; due: number }[], sent: 0, delivered: 0 }),
  commands: {
    remind: command(z.object({ name: z.string(), inMs: z.number() }), (_state, { name, inMs }, ctx) => {
      const at = ctx.now + inMs;
      ctx.schedule(name, { at, command: 'ring', input: { name } });
      return accept(at, []);
    }),
    forget: command(z.object({ name: z.string() }), (_state, { name }, ctx) => {
      ctx.cancel(name);
      return [];
    }),
    ring: command(z.object({ name: z.string() }), (_state, { name }, ctx) => {
      ctx.effect('letter', { to: name }, { then: 'posted' });
      return [event('rang', { name, due: ctx.timer?.at ?? 0 })];
    }),
    posted: command(outcome, (_state, { ok }) => [event('posted', { ok })]),
  },
  events: {
    rang: (state, { name, due }: { name: string; due: number }, { now }) => {
      state.rung.push({ name, at: now, due });
      state.sent++;
    },
    posted: (state, { ok }: { ok: boolean }) => {
      if (ok) state.delivered++;
    },
  },
  effects: { letter: effect(z.object({ to: z.string() })) },
  queries: { rung: query(({ rung }) => rung), delivered: query(({ delivered }) => delivered) },
});
