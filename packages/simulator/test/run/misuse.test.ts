import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { expect, it } from 'vitest';
import { verifyDeterminism } from '../../src/campaign/verify-determinism.ts';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import type { Subject } from '../../src/run/subject.ts';
import { anything } from './anything.ts';

interface State {
  readonly seen: string[];
}

interface Parts {
  readonly decide?: () => unknown;
  readonly evolve?: (state: State, name: string) => void;
  readonly workload?: Subject['workload'];
}

/** A machine that keeps names, correct but for what a test replaces. */
function subject({ decide = () => null, evolve = (state, name) => void state.seen.push(name), workload }: Parts): Subject {
  const machine = defineMachine({
    name: 'names',
    version: 1,
    state: (): State => ({ seen: [] }),
    commands: { add: command(anything<{ name: string }>(), (_state, { name }) => accept(decide(), [event('added', { name })])) },
    events: { added: (state, { name }: { name: string }) => evolve(state, name) },
    queries: { count: query((state) => state.seen.length) },
  });
  const add: Subject['workload'] = ({ serial }) => ({ kind: 'command', name: 'add', input: { name: `n${serial}` } });
  return { machine, workload: workload ?? add };
}

const calm = drawPlan(3, { members: 3, durationMs: 1500, faults: 'none' });
const failureOf = async (parts: Parts) => (await runPlan(calm, subject(parts))).failure;

it('a machine that does what it should passes, also where it replies NaN', async () => {
  expect(await failureOf({ decide: () => Number.NaN })).toBeNull();
});

it.each([
  ['a handler that replies what no codec carries', { decide: () => Promise.resolve() }, /\(add\) cannot be carried out: .*machine_defect/],
  [
    'a name that the machine does not have',
    { workload: () => ({ kind: 'command', name: 'ad', input: {} }) as const },
    /\(ad\) cannot be carried out/,
  ],
  [
    'an input that cannot be sent',
    { workload: () => ({ kind: 'command', name: 'add', input: () => 1 }) as const },
    /\(add\) cannot be carried out/,
  ],
] as const)('%s ends the run', async (_what, parts, message) => {
  expect(await failureOf(parts)).toMatchObject({ invariant: 'calls-make-sense', message: expect.stringMatching(message) });
});

it('an event handler that throws is named, instead of a cluster that comes to nothing', async () => {
  const evolve = () => {
    throw new Error('boom');
  };
  expect(await failureOf({ evolve })).toMatchObject({ invariant: 'members-go-on', message: expect.stringContaining('boom') });
});

it('chance in a workload is named', async () => {
  const workload = () => ({ kind: 'command', name: 'add', input: { name: String(Math.random()) } }) as const;
  expect(await failureOf({ workload })).toMatchObject({ invariant: 'determinism', message: expect.stringContaining('Math.random') });
});

it('what differs from run to run is found in the log, and in answers', async () => {
  let secret = 0;
  const workload = () => ({ kind: 'command', name: 'add', input: { name: `s${secret++}` } }) as const;
  const run = (plan: typeof calm, options?: object) => runPlan(plan, subject({ workload }), options);
  expect(await verifyDeterminism(run, await run(calm))).toContain('"committed" of the log');
});

it('a snapshot that loses something is found without any member needing one', async () => {
  const { machine, workload } = subject({});
  const forgetful = {
    ...machine,
    create() {
      const inner = machine.create();
      const empty = inner.snapshot();
      return Object.assign(Object.create(inner) as typeof inner, {
        name: inner.name,
        version: inner.version,
        apply: inner.apply.bind(inner),
        query: inner.query.bind(inner),
        encode: inner.encode.bind(inner),
        decode: inner.decode.bind(inner),
        snapshot: inner.snapshot.bind(inner),
        restore: () => inner.restore(empty),
      });
    },
  };
  const { failure } = await runPlan(calm, { machine: forgetful, workload });
  expect(failure).toMatchObject({ invariant: 'snapshot-equals-replay' });
});
