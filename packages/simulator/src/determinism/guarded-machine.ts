import type { Command, CommittedCommand, Outcome, StateMachine, StateSpace } from '@flotilla/state-machine';
import type { Violation } from '../watch/violation.ts';
import { guarded } from './ambient-guard.ts';

/** A machine that is watched while it works: whether it asks for what differs from replica to replica. */
export class GuardedMachine implements StateMachine {
  readonly name: string;
  readonly version: number;
  readonly #machine: StateMachine;
  readonly #report: (violation: Violation) => void;

  constructor(machine: StateMachine, report: (violation: Violation) => void) {
    this.name = machine.name;
    this.version = machine.version;
    this.#machine = machine;
    this.#report = report;
  }

  get space(): StateSpace | undefined {
    return this.#machine.space;
  }

  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    return guarded(this.name, this.#report, () => this.#machine.apply(commands));
  }

  query(type: string, input: unknown): unknown {
    return guarded(this.name, this.#report, () => this.#machine.query(type, input));
  }

  /** What a schema asks for goes into the log, and so is the same for every replica; but not for every run. */
  encode(command: Command): Promise<Uint8Array> {
    return guarded(this.name, this.#report, () => this.#machine.encode(command));
  }

  decode(payload: Uint8Array): Command {
    return this.#machine.decode(payload);
  }

  snapshot(): Uint8Array {
    return guarded(this.name, this.#report, () => this.#machine.snapshot());
  }

  restore(snapshot: Uint8Array): void {
    guarded(this.name, this.#report, () => this.#machine.restore(snapshot));
  }
}
