import { FlotillaError } from '@flotilla/core';
import type { MachineError } from '@flotilla/state-machine';

/** Something happened that must never happen. */
export class Violation extends FlotillaError {
  /** The invariant, as in `election-safety`. */
  readonly invariant: string;

  constructor(invariant: string, message: string, hint = 'Replay the run with its seed, and look at what led there.') {
    super('invariant_violated', `${invariant}: ${message}`, hint);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** A machine, or a workload, asked for what differs from replica to replica, or from run to run. */
export function nondeterminism({ message, hint }: MachineError): Violation {
  return new Violation('determinism', message, hint);
}

/** Whether `error` is a {@link Violation}, and if `invariant` is given, one of that. */
export function isViolation(error: unknown, invariant?: string): error is Violation {
  return error instanceof Violation && (invariant === undefined || error.invariant === invariant);
}
