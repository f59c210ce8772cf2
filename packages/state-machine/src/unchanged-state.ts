import { isWatched, violate } from './determinism/guard.ts';
import type { HeldState } from './held-state.ts';
import { isMachineError } from './machine-error.ts';

/** States up to so many bytes are looked at around each handler, larger ones the less often the larger they are. */
const stateBytesPerLook = 128;

/**
 * Where a machine is watched, sees to it that handlers which may only look at the state leave it as it is: what a query changes would
 * differ from replica to replica, and what a command changes would be in no event. Tables refuse such writes by themselves.
 */
export class UnchangedState {
  readonly #state: HeldState;
  #untilLook = 0;

  constructor(state: HeldState) {
    this.#state = state;
  }

  /** Runs a handler. If it changes the state, it becomes again what it was, and that is a `MachineError` with code `nondeterministic`. */
  during<T>(handler: string, run: () => T): T {
    if (this.#state.space !== undefined || !isWatched() || --this.#untilLook > 0) return run();
    const before = this.#encoded();
    if (before === null) return run();
    this.#untilLook = Math.ceil(before.length / stateBytesPerLook);
    try {
      return run();
    } finally {
      if (!isSame(before, this.#encoded())) {
        this.#state.restore(before);
        violate(
          `the handler of ${handler} changed the state`,
          'Only event handlers may: return an event, and change a copy, such as with toSorted() instead of sort().',
        );
      }
    }
  }

  /** Null for a state that the codec does not carry: that is for those to complain about who have to write it. */
  #encoded(): Uint8Array | null {
    try {
      return this.#state.snapshot();
    } catch (error) {
      if (!isMachineError(error, 'machine_defect')) throw error;
      return null;
    }
  }
}

function isSame(one: Uint8Array, other: Uint8Array | null): boolean {
  if (one.length !== other?.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
