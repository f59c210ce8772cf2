import type { Operation } from '../history/operation.ts';
import { type Culprit, findCulprit } from './culprit.ts';
import type { Model } from './model.ts';
import { type SearchLimits, search } from './search.ts';
import { timelineOf } from './timeline.ts';
import { confirms, type Witness } from './witness.ts';

/** `unknown`: the limits were reached before there was a verdict. Nothing was shown to be right, so treat it as a failure. */
export type Verdict = 'linearizable' | 'not-linearizable' | 'unknown';

/** What the check of one key may cost. */
export interface CheckOptions {
  /** Steps of the model; 10 million where absent, which takes some seconds. */
  readonly stepsMax?: number;
  /** Situations to remember, at a few hundred bytes each; 500,000 where absent. */
  readonly rememberedMax?: number;
  /** Says in which order the calls were carried out, as the log of a cluster does. It is checked, and where it is wrong, does not count. */
  readonly witness?: Witness;
}

/** The first key, in the order of their first calls, whose calls no order explains. */
export interface NotLinearizable {
  readonly key: string | null;
  readonly culprit: Culprit;
}

export interface CheckResult {
  readonly verdict: Verdict;
  readonly operations: number;
  /** How many keys (partitions) were checked: all, but for those behind the first that is not linearizable. */
  readonly keys: number;
  /** Steps of the model that the verdict took, without those of its explanation. */
  readonly steps: number;
  readonly violation: NotLinearizable | null;
  /** The keys on which the limits were reached. */
  readonly undecided: readonly (string | null)[];
}

/**
 * Whether a history is linearizable: whether each key's calls can be put in an order that the model agrees with and that
 * contradicts nobody's clock. As linearizability is local (Herlihy, Wing 1990, section 3), each key is checked by itself.
 *
 * Throws `history_call_unknown` where a call does not fit the model.
 */
export function checkLinearizable(operations: Iterable<Operation>, model: Model, options: CheckOptions = {}): CheckResult {
  const limits: SearchLimits = { stepsMax: options.stepsMax ?? 10_000_000, rememberedMax: options.rememberedMax ?? 500_000 };
  const undecided: (string | null)[] = [];
  let [count, keys, steps] = [0, 0, 0];
  let violation: NotLinearizable | null = null;
  for (const [key, calls] of partitions(operations, model)) {
    count += calls.length;
    if (violation !== null) continue;
    keys++;
    const timeline = timelineOf(model, calls);
    const heard = options.witness ? confirms(timeline, model, options.witness) : { confirmed: false, steps: 0 };
    steps += heard.steps;
    if (heard.confirmed) continue;
    const searched = search(model, timeline, limits);
    steps += searched.steps;
    if (searched.linearizable === null) undecided.push(key);
    if (searched.linearizable === false) violation = { key, culprit: findCulprit(model, calls, limits) };
  }
  const verdict = violation !== null ? 'not-linearizable' : undecided.length > 0 ? 'unknown' : 'linearizable';
  return { verdict, operations: count, keys, steps, violation, undecided };
}

function partitions(operations: Iterable<Operation>, model: Model): Map<string | null, Operation[]> {
  const found = new Map<string | null, Operation[]>();
  for (const operation of operations) {
    const key = model.partition === undefined ? operation.key : model.partition(operation);
    const calls = found.get(key);
    if (calls === undefined) found.set(key, [operation]);
    else calls.push(operation);
  }
  for (const calls of found.values()) inOrder(calls);
  return found;
}

/** Most histories are in order already. */
function inOrder(calls: Operation[]): void {
  for (let i = 1; i < calls.length; i++) {
    if ((calls[i] as Operation).invokeIndex < (calls[i - 1] as Operation).invokeIndex) {
      calls.sort((a, b) => a.invokeIndex - b.invokeIndex);
      return;
    }
  }
}
