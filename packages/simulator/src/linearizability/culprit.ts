import { isUncertain, type Operation } from '../history/operation.ts';
import { impossible, type Model } from './model.ts';
import { type SearchLimits, search } from './search.ts';
import { timelineOf } from './timeline.ts';

/** A call that was carried out, and the state behind it. */
export interface Placed {
  readonly operation: Operation;
  readonly state: string;
}

/** Where a history stops being linearizable. */
export interface Culprit {
  /** The call whose end no order explains any more: up to just before it, the history is linearizable. */
  readonly operation: Operation;
  /** One order that explains everything up to there, with the state after each call. It is the longest such prefix. */
  readonly order: readonly Placed[];
  /** Calls that had begun by then, and that the order does without: they had not ended. */
  readonly open: readonly Operation[];
  /** False where the limits were reached on the way: the history is not linearizable here, but may not have been before. */
  readonly exact: boolean;
}

/**
 * Finds the first end of a call up to which the history is not linearizable. As every prefix of a linearizable history is
 * linearizable, it is found by halving. `operations` are those of one key, in the order of their invocation, and not linearizable.
 */
export function findCulprit(model: Model, operations: readonly Operation[], limits: SearchLimits): Culprit {
  const carriedOut = operations.filter((operation) => operation.outcome !== 'fail');
  const ends = carriedOut.filter((operation) => !isUncertain(operation)).sort((a, b) => a.completeIndex - b.completeIndex);
  const searchThrough = (count: number) => search(model, timelineOf(model, prefix(carriedOut, ends[count - 1])), limits);
  let [right, wrong, exact] = [0, ends.length, true];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    const { linearizable } = searchThrough(middle);
    if (linearizable === null) exact = false;
    if (linearizable) right = middle;
    else wrong = middle;
  }
  const operation = ends[wrong - 1] as Operation;
  const order = right === 0 ? [] : searchThrough(right).order();
  const placed = new Set(order.map(({ invokeIndex }) => invokeIndex));
  const open = carriedOut.filter(
    (each) => each.invokeIndex < operation.completeIndex && !placed.has(each.invokeIndex) && each !== operation,
  );
  const whole = new Map(carriedOut.map((each) => [each.invokeIndex, each]));
  return { operation, order: withStates(model, order, whole), open, exact };
}

/** What was known when `last` ended: calls that had not ended may have been carried out or not. */
function prefix(operations: readonly Operation[], last: Operation | undefined): readonly Operation[] {
  const end = last?.completeIndex ?? Number.NEGATIVE_INFINITY;
  return operations
    .filter(({ invokeIndex }) => invokeIndex < end)
    .map((operation) => (operation.completeIndex > end ? { ...operation, outcome: 'open', output: undefined } : operation));
}

/** The states are those of the prefix; the calls are shown with what became of them later. */
function withStates(model: Model, order: readonly Operation[], whole: ReadonlyMap<number, Operation>): readonly Placed[] {
  let state = model.init;
  return order.map((operation) => {
    const next = model.step(state, model.read(operation));
    if (next !== impossible) state = next;
    return { operation: whole.get(operation.invokeIndex) ?? operation, state: model.describe(state) };
  });
}
