import type { Operation } from '../history/operation.ts';
import { impossible, type Model, type ModelCall } from './model.ts';
import type { Timeline } from './timeline.ts';

/** Where somebody who should know says that a call was carried out; undefined where that one does not know. */
export type Witness = (operation: Operation) => number | undefined;

/**
 * Whether the order that a witness gives explains the calls: the model agrees with it, and no call comes before one that had
 * ended when it began. The witness is not believed but checked, so it may be wrong, and then says nothing. It spares the search
 * where many calls overlap that nobody was told the outcome of.
 */
export function confirms(
  { certain, certainCalls }: Timeline,
  model: Model,
  witness: Witness,
): { readonly confirmed: boolean; readonly steps: number } {
  const placed: { readonly at: number; readonly operation: Operation; readonly call: ModelCall }[] = [];
  for (const [i, operation] of certain.entries()) {
    const at = witness(operation);
    if (at === undefined) return { confirmed: false, steps: 0 };
    placed.push({ at, operation, call: certainCalls[i] as ModelCall });
  }
  placed.sort((a, b) => a.at - b.at || a.operation.invokeIndex - b.operation.invokeIndex);
  let state = model.init;
  let lastBeginning = Number.NEGATIVE_INFINITY;
  for (const [i, { operation, call }] of placed.entries()) {
    state = model.step(state, call);
    if (state === impossible || operation.completeIndex < lastBeginning) return { confirmed: false, steps: i + 1 };
    lastBeginning = Math.max(lastBeginning, operation.invokeIndex);
  }
  return { confirmed: true, steps: placed.length };
}
