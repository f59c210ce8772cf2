import type { Plan } from '../plan/plan.ts';
import type { RunFailure, RunReport } from '../run/run-report.ts';
import { readPlan } from './read-plan.ts';
import { reproError } from './repro-error.ts';
import { number, orNull, type Reader, record, text, whole } from './value-readers.ts';

/** How large a failing run is. */
export interface RunSize {
  readonly faults: number;
  readonly calls: number;
  readonly members: number;
}

/** Where a plan that fails comes from. */
export interface ReproOrigin {
  readonly seed: number;
  /** How large the run of the seed was; null where nobody made it smaller. */
  readonly shrunkFrom: RunSize | null;
}

/** A plan that fails, and how: enough to see the same failure again with the same machine and workload. */
export interface Repro {
  readonly machine: { readonly name: string; readonly version: number };
  readonly plan: Plan;
  readonly failure: RunFailure;
  readonly traceHash: string;
  readonly from: ReproOrigin;
}

const format = 'flotilla-repro';
const version = 1;

const reproHint = 'Give a file that the simulator wrote when a simulation failed.';

const failure: Reader<RunFailure> = record<RunFailure>({ invariant: text, message: text, hint: text, atMs: number(0) });
const size: Reader<RunSize> = record<RunSize>({ faults: whole(), calls: whole(), members: whole() });

const readRepro: Reader<Repro> = record<Repro>({
  machine: record<Repro['machine']>({ name: text, version: whole(1) }),
  plan: readPlan,
  failure,
  traceHash: text,
  from: record<ReproOrigin>({ seed: whole(Number.MIN_SAFE_INTEGER), shrunkFrom: orNull(size) }),
});

/** The text of a repro file. */
export function reproText({ machine, plan, failure, traceHash, from }: Repro): string {
  return `${JSON.stringify({ format, version, machine, plan, failure, traceHash, from }, null, 2)}\n`;
}

/**
 * Reads a repro file. Throws `repro_not_json`, `repro_foreign` for JSON that is something else, `repro_version` for one of
 * another release, and `repro_malformed`, with the path of the field, for one that is not whole.
 */
export function parseRepro(file: string): Repro {
  const value = parseJson(file);
  if (!isOfFormat(value)) throw reproError('repro_foreign', 'this is no repro file', reproHint);
  if (value.version !== version) {
    const message = `the repro file has version ${String(value.version)}; this release reads version ${version}`;
    throw reproError('repro_version', message, 'Run it with the release of Flotilla that wrote it.');
  }
  const { format: _, version: __, ...rest } = value;
  return readRepro(rest, 'repro');
}

/** How large a run was. */
export function sizeOf({ plan, lastCall }: Pick<RunReport, 'plan' | 'lastCall'>): RunSize {
  const { without, until } = plan.workload;
  const end = Math.min(lastCall + 1, until ?? Number.POSITIVE_INFINITY);
  return { faults: plan.faults.length, calls: end - without.filter((call) => call < end).length, members: plan.members };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(file);
  } catch (error) {
    throw reproError('repro_not_json', 'this is no JSON, and so no repro file', reproHint, error);
  }
}

function isOfFormat(value: unknown): value is { readonly format: typeof format; readonly version?: unknown } {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === format;
}
