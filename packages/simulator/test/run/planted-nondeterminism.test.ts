import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import type { Subject } from '../../src/run/subject.ts';
import { anything } from './anything.ts';

const commands = 4;

/** Adds numbers up, with something in the handler that does not belong there. */
function tainted(decide: () => unknown): Subject {
  const machine = defineMachine({
    name: 'tainted',
    version: 1,
    state: () => ({ seen: new Set<string>() }),
    commands: { add: command(anything<{ name: string }>(), (_state, { name }) => accept(decide(), [event('added', { name })])) },
    events: { added: (state, { name }: { name: string }) => void state.seen.add(name) },
    queries: { size: query((state) => state.seen.size) },
  });
  return { machine, workload: ({ serial }) => ({ kind: 'command', name: 'add', input: { name: `n${serial % commands}` } }) };
}

const calm = { members: 3, durationMs: 2000, faults: 'none' } as const;

it.each([
  ['Math.random', () => Math.random()],
  ['Date.now', () => Date.now()],
  ['new Date', () => new Date().getFullYear()],
  ['performance.now', () => performance.now()],
  ['crypto.randomUUID', () => crypto.randomUUID()],
] as const)('names %s in a machine, its file, and what to use instead', async (what, decide) => {
  const { failure } = await runPlan(drawPlan(1, calm), tainted(decide));
  expect(failure).toMatchObject({ invariant: 'determinism' });
  expect(failure?.message).toContain(`machine "tainted" uses ${what} in `);
  expect(failure?.message).toContain('planted-nondeterminism.test.ts');
  expect(failure?.hint).toContain('ctx.');
});

it('leaves a machine alone that asks for nothing, and everybody outside of machines', async () => {
  const { failure } = await runPlan(
    drawPlan(1, calm),
    tainted(() => new Date(0).getTime()),
  );
  expect(failure).toBeNull();
  expect(Math.random()).toBeLessThan(1);
  expect(new Date()).toBeInstanceOf(Date);
});

it('finds chance that comes from elsewhere: the machines differ', async () => {
  let calls = 0;
  const { failure } = await runPlan(
    drawPlan(1, calm),
    tainted(() => calls++),
  );
  expect(failure).toMatchObject({ invariant: 'state-machine-safety' });
});
