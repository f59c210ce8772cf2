import { FlotillaError } from '@flotilla/core';
import { installAmbientGuard } from '../determinism/ambient-guard.ts';
import type { Operation } from '../history/operation.ts';
import { judgeByReplay } from '../judge/replay-judge.ts';
import { checkLinearizable } from '../linearizability/check.ts';
import { explain } from '../linearizability/explain.ts';
import { tighten } from '../linearizability/tighten.ts';
import type { Nemesis } from '../nemesis/nemesis.ts';
import type { Plan } from '../plan/plan.ts';
import { isViolation, Violation } from '../watch/violation.ts';
import type { SimClients } from '../workload/sim-clients.ts';
import { converge } from './converge.ts';
import type { RunFailure, RunReport } from './run-report.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { Subject } from './subject.ts';

/** What the check of one key's calls may cost, in steps of the model: beyond, its verdict is unknown, which fails the run. */
const checkLimits = { stepsMax: 2_000_000, rememberedMax: 200_000 };

/** Runs a plan from its beginning to its verdict. It is the same each time; what fails is in the report. */
export async function runPlan(plan: Plan, subject: Subject, options: StageOptions = {}): Promise<RunReport> {
  const removeGuard = installAmbientGuard();
  // A cluster in trouble makes thousands of errors, and taking down where each was made would cost more than all the rest.
  const { stackTraceLimit } = Error;
  if (!options.stacks) Error.stackTraceLimit = 0;
  const stage = new Stage(plan, subject, options);
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
    this.#judge();
  }

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      error instanceof FlotillaError ? error.hint : (error instanceof Error && error.stack) || 'This is a defect of the simulation itself.';
    this.#failure = { invariant: isViolation(error) ? error.invariant : 'crash', message, hint, atMs: this.#stage.world.now };
    this.#stage.timeline.violation(message);
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
      calls: { ...records.counts },
      lastCall: this.#clients?.lastCall ?? -1,
      linearizability: this.#linearizability,
      traceHash: world.trace.hash,
      trace: world.trace.lines,
      history: records.operations(),
      timeline: timeline.lines,
    };
  }

  /** What the clients heard is judged twice: with the log as the witness, and without looking at it. */
  #judge(): void {
    const { records, log } = this.#stage;
    judgeByReplay(this.#stage.machine(), log.commands, records.all);
    const { model } = this.#subject;
    if (model === undefined) return;
    // A read comes behind the entry up to which it saw the log.
    const places = new Map(records.all.map(({ serial, index, call }) => [serial, call.kind === 'query' ? index + 0.5 : index]));
    const operations = this.#knownToTheLog(records.operations(), places);
    const witness = ({ serial }: Operation) => places.get(serial as number) || undefined;
    const result = checkLinearizable(operations, model, { ...checkLimits, witness });
    const verdict = result.verdict === 'not-linearizable' ? 'violated' : result.verdict;
    this.#linearizability = { operations: result.operations, verdict };
    if (result.verdict === 'unknown') {
      throw new Violation(
        'linearizability',
        `no verdict on the calls of ${result.undecided.join(', ')} within ${checkLimits.stepsMax} steps`,
      );
    }
    if (result.violation !== null) throw new Violation('linearizability', explain(result.violation));
  }

  /** Calls of unknown outcome are looked up in the log, which also tells their places. */
  #knownToTheLog(operations: readonly Operation[], places: Map<number, number>): readonly Operation[] {
    const { serialOf, machine } = this.#subject;
    if (serialOf === undefined || this.#stage.records.counts.unknown === 0) return operations;
    const { commands, times } = this.#stage.log;
    const decoder = machine.create();
    const applied = new Map<number, number>();
    for (const [i, { payload, index }] of commands.entries()) {
      const serial = serialOf(decoder.decode(payload));
      if (serial === null) continue;
      applied.set(serial, times[i] ?? 0);
      places.set(serial, index);
    }
    return tighten(operations, applied);
  }
}
