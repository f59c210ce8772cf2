import { appliedCommands, type CallDraw, type Invariant, models, type SimCall, simulate, Violation } from '@flotilla/simulator';
import { accept, type Command, command, defineMachine, event, query } from '@flotilla/state-machine';
import { it } from 'vitest';
import { z } from 'zod';

const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: {
    increment: command(z.object({ by: z.number().int(), call: z.number() }), ({ n }, { by }) =>
      accept(n + by, [event('incremented', { by })]),
    ),
  },
  events: {
    incremented: (state, { by }: { by: number }) => {
      state.n += by;
    },
  },
  queries: { value: query((state) => state.n) },
});

function drawCall({ serial, random }: CallDraw): SimCall {
  if (random.chance(0.5)) {
    return { kind: 'query', name: 'value', input: undefined, consistency: 'lease', history: { f: 'read', key: 'n', value: null } };
  }
  const by = random.integer(1, 9);
  return { kind: 'command', name: 'increment', input: { by, call: serial }, history: { f: 'add', key: 'n', value: by } };
}

const serialOf = ({ input }: Command) => (input as { readonly call: number }).call;

function onlyGrows(): Invariant {
  const last = new Map<number, number>();
  return {
    name: 'only-grows',
    source: 'what a counter is',
    onApplied(member, entries) {
      for (const { outcome } of appliedCommands(entries)) {
        const n = outcome.kind === 'accepted' ? (outcome.reply as number) : 0;
        if (n <= (last.get(member) ?? 0)) throw new Violation('only-grows', `the counter of member ${member} comes to ${n}`);
        last.set(member, n);
      }
    },
    // A process that begins again applies again.
    onEnded: (member) => void last.delete(member),
  };
}

it('looks from outside like one counter', async () => {
  const invariants = () => [onlyGrows()];
  await simulate(counter, { workload: drawCall, model: models.counter, serialOf, invariants, seeds: 3, durationMs: 5000 });
}, 60_000);
