import type { Plan } from '../plan/plan.ts';
import { removeParts } from './remove-parts.ts';

/** What became of a plan: the invariant that did not hold and when that showed, or null. */
export interface Outcome {
  readonly invariant: string;
  readonly atMs: number;
  /** The highest number that a call had by then. */
  readonly lastCall: number;
}

export interface ShrinkOptions {
  /** Runs a plan. */
  readonly run: (plan: Plan) => Promise<Outcome | null>;
  /** The most runs; then the smallest plan so far is as good as it gets. */
  readonly runsMax: number;
  /** Told of every smaller plan that still fails. */
  readonly onProgress?: (plan: Plan, runs: number) => void;
}

/** Looks for the smallest plan that still breaks the same invariant: fewer hosts, faults, calls, and nothing unusual besides. */
export async function shrinkPlan(plan: Plan, found: Outcome, options: ShrinkOptions): Promise<Plan> {
  const search = new Search(plan, found, options);
  await search.adopt(untilTheFailure(plan, found));
  for (let before: Plan | null = null; before !== search.smallest && !search.exhausted; ) {
    before = search.smallest;
    for (const simpler of simplifications) await search.adopt(simpler(search.smallest));
    await search.removeFaults();
    await search.removeCalls();
  }
  return search.smallest;
}

class Search {
  smallest: Plan;
  #found: Outcome;
  readonly #options: ShrinkOptions;
  #runs = 0;

  constructor(plan: Plan, found: Outcome, options: ShrinkOptions) {
    this.smallest = plan;
    this.#found = found;
    this.#options = options;
  }

  get exhausted(): boolean {
    return this.#runs >= this.#options.runsMax;
  }

  /** Takes the plan where it fails in the same way. */
  async adopt(candidate: Plan | null): Promise<boolean> {
    if (candidate === null || this.exhausted) return false;
    this.#runs++;
    const outcome = await this.#options.run(candidate);
    if (outcome?.invariant !== this.#found.invariant) return false;
    this.smallest = candidate;
    this.#found = outcome;
    this.#options.onProgress?.(candidate, this.#runs);
    return true;
  }

  async removeFaults(): Promise<void> {
    await removeParts(this.smallest.faults, (faults) => this.adopt({ ...this.smallest, faults }));
  }

  async removeCalls(): Promise<void> {
    const { workload } = this.smallest;
    const gone = new Set(workload.without);
    const end = Math.min(workload.until ?? Number.POSITIVE_INFINITY, this.#found.lastCall + 1);
    const made = Array.from({ length: end }, (_, number) => number).filter((number) => !gone.has(number));
    await removeParts(made, (kept) => {
      const left = new Set(kept);
      const without = [...workload.without, ...made.filter((number) => !left.has(number))].sort((a, b) => a - b);
      return this.adopt({ ...this.smallest, workload: { ...this.smallest.workload, without, until: end } });
    });
  }
}

/** What comes after the failure did not cause it. A cluster that does not converge fails at the end, so nothing is to be cut. */
function untilTheFailure(plan: Plan, { atMs, lastCall }: Outcome): Plan | null {
  if (atMs >= plan.durationMs) return null;
  const durationMs = Math.ceil(atMs);
  return {
    ...plan,
    durationMs,
    faults: plan.faults.filter(({ at }) => at <= durationMs),
    workload: { ...plan.workload, until: lastCall + 1 },
  };
}

/** Each makes a plan simpler in one respect, or has nothing left to do. */
const simplifications: readonly ((plan: Plan) => Plan | null)[] = [
  (plan) => (plan.witnesses > 0 ? { ...plan, witnesses: 0 } : null),
  (plan) => (plan.members > 3 ? { ...plan, members: 3 } : null),
  (plan) => (plan.members > 1 ? { ...plan, members: plan.members - 1 } : null),
  (plan) => (plan.workload.clients > 1 ? { ...plan, workload: { ...plan.workload, clients: Math.ceil(plan.workload.clients / 2) } } : null),
  (plan) => (plan.workload.burst > 1 ? { ...plan, workload: { ...plan.workload, burst: 1 } } : null),
  (plan) => (plan.workload.sessionTtlMs !== null ? { ...plan, workload: { ...plan.workload, sessionTtlMs: null } } : null),
  (plan) => (plan.stateComparisonMs > 0 ? { ...plan, stateComparisonMs: 0 } : null),
  (plan) => (plan.turnMs > 0 ? { ...plan, turnMs: 0 } : null),
  (plan) => (plan.builds.length > 1 ? { ...plan, builds: plan.builds.slice(0, 1) } : null),
  (plan) => (Object.keys(plan.limits).length > 0 ? { ...plan, limits: {} } : null),
  ({ network, ...plan }) =>
    network.datagrams ? { ...plan, network: { ...network, datagrams: false, loss: 0, duplicate: 0, reorder: 0 } } : null,
  ({ network, ...plan }) => (network.jitterMs > 0.1 ? { ...plan, network: { ...network, jitterMs: 0.1 } } : null),
  ...(['quiesceAfterMs', 'uncommittedEntriesMax', 'snapshotChunkBytesMax', 'appendEntriesMax', 'inflightAppendsMax'] as const).map(
    (name) =>
      ({ raft, ...plan }: Plan): Plan | null => {
        if (raft[name] === undefined) return null;
        const { [name]: _, ...others } = raft;
        return { ...plan, raft: others };
      },
  ),
];
