import { simulate, type Workload } from '@flotilla/simulator';
import { event } from '@flotilla/state-machine';
import { given } from '@flotilla/state-machine/testing';
import { it } from 'vitest';
import { counter } from './counter.ts';

it('adds what it is told', () => {
  given(counter, [event('incremented', { by: 1 })])
    .when({ type: 'increment', input: { by: 2 } })
    .then([event('incremented', { by: 2 })]);
});

const workload: Workload = ({ random }) =>
  random.chance(0.5)
    ? { kind: 'command', name: 'increment', input: { by: random.integer(1, 9) } }
    : { kind: 'query', name: 'value', input: undefined, consistency: 'linearizable' };

it('counts right, whatever breaks', () => simulate(counter, { workload, seeds: 3, durationMs: 5000 }), 60_000);
