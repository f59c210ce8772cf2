import type { ReplicatedMachine } from '@flotilla/state-machine';
import { GuardedReplica } from '@flotilla/state-machine/determinism';
import type { Violation } from '../watch/violation.ts';
import { violationOf } from './ambient-guard.ts';

/** A machine that is watched while it works: `report` is told where it asks for what differs from replica to replica. */
export class GuardedMachine extends GuardedReplica {
  constructor(machine: ReplicatedMachine, report: (violation: Violation) => void) {
    super(machine, (error) => report(violationOf(error)));
  }
}
