import { addTotals, noTotals, type Totals } from '@flotilla/simulator';
import { SeedProcess, type SeedProcessEnd } from './seed-process.ts';
import type { SeedFailure, SeedResult } from './seed-result.ts';
import type { SimulateOptions } from './simulate-options.ts';

/** What became of the seeds so far. */
export interface CampaignState {
  readonly seeds: number;
  readonly totals: Totals;
  readonly cpuMs: number;
  readonly shrinkCpuMs: number;
  readonly failures: readonly FailedSeed[];
}

export interface FailedSeed {
  readonly seed: number;
  readonly failure: SeedFailure;
}

/** Told of every seed that is over. */
export type OnSeed = (result: SeedResult, state: CampaignState) => void;

/** Runs seeds in processes of their own, each taking the next one that nobody has. */
export class Campaign {
  state: CampaignState = { seeds: 0, totals: noTotals, cpuMs: 0, shrinkCpuMs: 0, failures: [] };
  readonly #options: SimulateOptions;
  readonly #onSeed: OnSeed;
  readonly #processes = new Set<SeedProcess>();
  #next: number;
  #stopped = false;

  constructor(options: SimulateOptions, onSeed: OnSeed) {
    this.#options = options;
    this.#onSeed = onSeed;
    this.#next = options.first;
  }

  /** Resolves once all seeds are over, or too many have failed, or the campaign was stopped. */
  async run(): Promise<CampaignState> {
    const { jobs, count } = this.#options;
    await Promise.all(Array.from({ length: Math.min(jobs, count) }, () => this.#work()));
    return this.state;
  }

  /** Ends all processes at once; what they were at is not counted. */
  stop(): void {
    this.#stopped = true;
    for (const process of this.#processes) process.kill();
  }

  get #hasNext(): boolean {
    const { first, count, failuresMax } = this.#options;
    return !this.#stopped && this.#next < first + count && this.state.failures.length < failuresMax;
  }

  async #work(): Promise<void> {
    let process: SeedProcess | null = null;
    while (this.#hasNext) {
      const seed = this.#next++;
      process ??= this.#begin();
      const outcome = await process.run(seed);
      if (this.#stopped) break;
      this.#over('seed' in outcome ? outcome : ended(seed, outcome));
      if (process.alive) continue;
      this.#processes.delete(process);
      process = null;
    }
    process?.kill();
  }

  #begin(): SeedProcess {
    const process = new SeedProcess(this.#options.seeds, this.#options.hangAfterMs);
    this.#processes.add(process);
    return process;
  }

  #over(result: SeedResult): void {
    const { seeds, totals, cpuMs, shrinkCpuMs, failures } = this.state;
    const { seed, failure } = result;
    this.state = {
      seeds: seeds + 1,
      totals: addTotals(totals, result.totals),
      cpuMs: cpuMs + result.cpuMs,
      shrinkCpuMs: shrinkCpuMs + result.shrinkCpuMs,
      failures: failure === null ? failures : [...failures, { seed, failure }],
    };
    this.#onSeed(result, this.state);
  }
}

/** A seed whose process gave no report failed, too. */
function ended(seed: number, end: SeedProcessEnd): SeedResult {
  const [message, hint] =
    end.kind === 'silent'
      ? [
          `no run was over for ${end.afterMs / 1000} s, and the process was killed`,
          'Something in it goes round and round, or waits for the real world.',
        ]
      : [
          `the process ended ${end.how}${end.lastWords === '' ? '' : `: ${end.lastWords}`}`,
          'Run that seed by itself, and see what it says.',
        ];
  const failure: SeedFailure = {
    invariant: end.kind === 'silent' ? 'hang' : 'crash',
    message,
    hint,
    atMs: 0,
    paths: null,
    from: null,
    to: null,
  };
  return { seed, totals: noTotals, traceHash: null, failure, cpuMs: 0, shrinkCpuMs: 0 };
}
