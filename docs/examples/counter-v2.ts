import { command, defineMachine, event, query } from '@flotilla/state-machine';
import { z } from 'zod';
import { counter as previous } from './counter.ts';

export const counter = defineMachine({
  name: 'counter',
  version: 2,
  previous,
  state: () => ({ n: 0, increments: 0 }),
  migrate: ({ n }) => ({ n, increments: 0 }),
  commands: {
    increment: command(z.object({ by: z.int() }), (_state, { by }) => [event('counted', { by })]),
  },
  events: { counted: (state, { by }) => ({ n: state.n + by, increments: state.increments + 1 }) },
  upcast: { events: { incremented: (data) => event('counted', data) } },
  queries: { value: query((state) => state.n), increments: query((state) => state.increments) },
});
