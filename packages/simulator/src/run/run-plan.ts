import { FlotillaError } from '@flotilla/core';
import { installAmbientGuard } from '@flotilla/state-machine/determinism';
import type { Nemesis } from '../nemesis/nemesis.ts';
import type { Plan } from '../plan/plan.ts';
import { isViolation } from '../watch/violation.ts';
import type { SimClients } from '../workload/sim-clients.ts';
import { converge } from './converge.ts';
import { judgeCalls } from './judge-calls.ts';
import type { RunFailure, RunReport } from './run-report.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { Subject } from './subject.ts';

/**
 * Runs a plan from its beginning to its verdict. It is the same each time; what fails is in the report.
 *
 * Rejects with `config_invalid` for a plan that contradicts itself.
 */
export async function runPlan(plan: Plan, subject: Subject, options: StageOptions = {}): Promise<RunReport> {
  // What throws here is a plan that nothing can be made of.
  const stage = new Stage(plan, subject, options);
  const removeGuard = installAmbientGuard();
  // A cluster in trouble makes thousands of errors, and taking down where each was made would cost more than all the rest.
  const { stackTraceLimit } = Error;
  if (!options.stacks) Error.stackTraceLimit = 0;
  const run = new Run(plan, subject, stage);
  try {
    await run.perform();
  } catch (error) {
    run.failed(error);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    removeGuard();
  }
  const report = run.report();
  // What the simulation did not expect needs its stack: the run is repeated for that.
  return report.failure?.invariant === 'crash' && !options.stacks ? runPlan(plan, subject, { ...options, stacks: true }) : report;
}

class Run {
  readonly #plan: Plan;
  readonly #subject: Subject;
  readonly #stage: Stage;
  #clients: SimClients | null = null;
  #nemesis: Nemesis | null = null;
  #failure: RunFailure | null = null;
  #linearizability: RunReport['linearizability'] = { operations: 0, verdict: 'unchecked' };

  constructor(plan: Plan, subject: Subject, stage: Stage) {
    this.#plan = plan;
    this.#subject = subject;
    this.#stage = stage;
  }

  async perform(): Promise<void> {
    const { world, cluster, watch } = this.#stage;
    cluster.startAll();
    const operator = this.#stage.startOperator();
    const clients = this.#stage.startClients();
    this.#clients = clients;
    this.#nemesis = this.#stage.startNemesis(operator);
    await world.run(this.#plan.durationMs);
    clients.stop();
    this.#nemesis.heal();
    await converge({ world, cluster, operator, callsUnderWay: () => clients.underWay }, this.#plan.convergenceMs);
    operator.end();
    watch.tell('onConverged');
    await world.run(world.now);
    const { linearizability, violation } = judgeCalls(this.#stage, this.#subject);
    this.#linearizability = linearizability;
    if (violation !== null) throw violation;
  }

  failed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    const message = isViolation(error) ? text.replace(`${error.invariant}: `, '') : text;
    const hint =
      error instanceof FlotillaError ? error.hint : (error instanceof Error && error.stack) || 'This is a defect of the simulation itself.';
    this.#failure = { invariant: isViolation(error) ? error.invariant : 'crash', message, hint, atMs: this.#stage.world.now };
    this.#stage.timeline.violation(text);
  }

  report(): RunReport {
    const { world, records, timeline } = this.#stage;
    const { name, version } = this.#subject.machine;
    return {
      plan: this.#plan,
      machine: { name, version },
      failure: this.#failure,
      simulatedMs: world.now,
      events: world.tasksRun,
      faults: this.#nemesis?.counts ?? new Map(),
      healed: this.#stage.cluster.hosts.reduce((sum, host) => sum + host.healed, 0),
      calls: { ...records.counts },
      lastCall: this.#clients?.lastCall ?? -1,
      linearizability: this.#linearizability,
      traceHash: world.trace.hash,
      trace: world.trace.lines,
      history: records.operations(),
      timeline: timeline.lines,
    };
  }
}
