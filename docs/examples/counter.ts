import { command, defineMachine, event, query } from '@flotilla/state-machine';
import { z } from 'zod';

export const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: {
    increment: command(z.object({ by: z.int() }), (_state, { by }) => [event('incremented', { by })]),
  },
  events: { incremented: (state, { by }) => ({ n: state.n + by }) },
  queries: { value: query((state) => state.n) },
});
