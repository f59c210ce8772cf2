import { HistoryError } from '../history/history-error.ts';
import type { Operation } from '../history/operation.ts';

/** In place of a state: the object would not have answered so. */
export const impossible: unique symbol = Symbol('impossible');

/** What a call asked and was answered, in the form that a model compares fastest. */
export interface ModelCall {
  /** With this answer it certainly changes nothing, whatever the state. */
  readonly readOnly: boolean;
}

/** Knows from later answers where an object cannot have been. */
export interface Foresight<State> {
  /** Whether an object in this state can still have given all those answers, be they behind or before it. */
  allows(state: State): boolean;
}

/**
 * What the calls of a history should look like: an object that carries out one call at a time. A model is pure, and its states are
 * never changed in place.
 */
export interface Model<State = unknown, Call extends ModelCall = ModelCall> {
  readonly name: string;
  readonly init: State;
  /** A call for {@link Model.step}; its answer counts only where the outcome is `ok`. Throws `history_call_unknown`. */
  read(operation: Operation): Call;
  /** The state after `call`, or {@link impossible} where it would have been answered otherwise in this state. */
  step(state: State, call: Call): State | typeof impossible;
  /** What a `Map` can tell states apart by; the state itself where absent. */
  identity?(state: State): unknown;
  /** Where the answers in `calls` tell what must have come before them, this saves trying every other order. */
  foresight?(calls: readonly Call[]): Foresight<State>;
  /** What is checked by itself; the key where absent. */
  partition?(operation: Operation): string | null;
  describe(state: State): string;
}

/** The error for a call that a model does not have, or whose value it cannot use. */
export function unknownCall(model: string, { f, process, invokeIndex }: Operation, expected: string): HistoryError {
  return new HistoryError(
    'history_call_unknown',
    `the model ${model} cannot take the ${f} (#${invokeIndex}) of process ${process}`,
    `It knows: ${expected}. Choose another model, or correct the history.`,
  );
}
