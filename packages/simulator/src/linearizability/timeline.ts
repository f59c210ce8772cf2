import { isUncertain, type Operation } from '../history/operation.ts';
import type { Model, ModelCall } from './model.ts';

/**
 * The calls that are checked together, in the order in which they began.
 *
 * Those in `certain` were carried out between their beginning and their end. Those in `uncertain` may have been carried out at
 * any time after their beginning, or never; reads among them say nothing and are left out, as is all that failed.
 */
export interface Timeline {
  readonly certain: readonly Operation[];
  readonly certainCalls: readonly ModelCall[];
  readonly uncertain: readonly Operation[];
  readonly uncertainCalls: readonly ModelCall[];
  /**
   * For each uncertain call the one before it that asked the same of the same kind, or -1. Whatever the later one can do, the
   * earlier one can do as well, so that it is tried first.
   */
  readonly twins: readonly number[];
  /** No certain call begins before the one before it has ended. */
  readonly sequential: boolean;
}

/** `operations` are in the order of their invocation. Throws what {@link Model.read} throws. */
export function timelineOf(model: Model, operations: readonly Operation[]): Timeline {
  const certain: Operation[] = [];
  const certainCalls: ModelCall[] = [];
  const uncertain: Operation[] = [];
  const uncertainCalls: ModelCall[] = [];
  let end = Number.NEGATIVE_INFINITY;
  let sequential = true;
  for (const operation of operations) {
    if (operation.outcome === 'fail') continue;
    const call = model.read(operation);
    if (isUncertain(operation)) {
      if (call.readOnly) continue;
      uncertain.push(operation);
      uncertainCalls.push(call);
      continue;
    }
    if (operation.invokeIndex < end) sequential = false;
    end = Math.max(end, operation.completeIndex);
    certain.push(operation);
    certainCalls.push(call);
  }
  return { certain, certainCalls, uncertain, uncertainCalls, twins: twinsOf(uncertainCalls), sequential };
}

function twinsOf(calls: readonly ModelCall[]): readonly number[] {
  const last = new Map<string, number>();
  return calls.map((call, i) => {
    // Without its answer, a call is what it asks: plain data.
    const text = JSON.stringify(call);
    const twin = last.get(text) ?? -1;
    last.set(text, i);
    return twin;
  });
}
