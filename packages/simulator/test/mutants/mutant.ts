import type { PlanProfile } from '../../src/plan/draw-plan.ts';
import type { FaultKind } from '../../src/plan/fault.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Pattern } from './patterns.ts';

/** A piece of the production code, and what takes its place. */
export interface Edit {
  /** Below `packages/`, as in `core/src/decide/commit.ts`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** What a mutant is tried in: short runs with the faults that it needs, and with this or that not left to chance. */
export interface Scene extends PlanProfile {
  readonly witnesses?: number;
  /** Default: clients without sessions. */
  readonly sessionTtlMs?: number;
  readonly raft?: Plan['raft'];
  readonly limits?: Plan['limits'];
  readonly network?: Partial<Plan['network']>;
  readonly disk?: Partial<Plan['disk']>;
  /** Faults that belong together, again and again. */
  readonly pattern?: { readonly of: Pattern; readonly everyMs: number };
  /** Faults that come one upon the other, besides those that are drawn. */
  readonly storm?: Storm;
}

/** Faults of some kinds for as long as the clients call; each as bad as chance has it, but shorter. */
export interface Storm {
  readonly kinds: readonly FaultKind[];
  /** On average from one to the next, in milliseconds. */
  readonly everyMs: number;
  /** How long each lasts on average, in milliseconds. */
  readonly forMs: number;
}

/** A variant of the production code, of a port, or of the machine that runs on it, that is broken on purpose. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong with it. */
  readonly why: string;
  readonly edits: readonly Edit[];
  readonly scene: Scene;
  /** A seed that catches it, as of the last campaign. */
  readonly seed: number;
  /** The invariants, or judges, that say so; which of them depends on the seed. */
  readonly caughtBy: readonly string[];
}
