import { accept, command, defineMachine, event, query, reject } from '@flotilla/state-machine';
import { z } from 'zod';

/** Counts, and refuses to go below zero. */
export const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: {
    increment: command(z.object({ by: z.number().int() }), ({ n }, { by }) =>
      n + by < 0 ? reject('negative', 'the counter would be negative', { n }) : accept(n + by, [event('incremented', { by })]),
    ),
  },
  events: {
    incremented: (state, { by }: { by: number }) => {
      state.n += by;
    },
  },
  queries: { value: query(({ n }) => n) },
});
