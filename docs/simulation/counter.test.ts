import { simulate, type Workload } from '@flotilla/simulator';
import { command, defineMachine, event, query } from '@flotilla/state-machine';
import { it } from 'vitest';
import { z } from 'zod';

const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { increment: command(z.object({ by: z.number().int() }), (_state, { by }) => [event('incremented', { by })]) },
  events: {
    incremented: (state, { by }: { by: number }) => {
      state.n += by;
    },
  },
  queries: { value: query((state) => state.n) },
});

const workload: Workload = ({ random }) =>
  random.chance(0.5)
    ? { kind: 'command', name: 'increment', input: { by: random.integer(1, 9) } }
    : { kind: 'query', name: 'value', input: undefined, consistency: 'linearizable' };

it('counts right, whatever breaks', () => simulate(counter, { workload, seeds: 3, durationMs: 5000 }), 60_000);
