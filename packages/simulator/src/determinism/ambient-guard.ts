import type { MachineError } from '@flotilla/state-machine';
import { guarded as guardedMachine } from '@flotilla/state-machine/determinism';
import { Violation } from '../watch/violation.ts';

/** Runs a machine's code; `report` is told of what it must not do, and it gets what it asked for. */
export function guarded<T>(machine: string, report: (violation: Violation) => void, run: () => T): T {
  return guardedMachine(machine, run, (error) => report(violationOf(error)));
}

export function violationOf({ message, hint }: MachineError): Violation {
  return new Violation('determinism', message, hint);
}
