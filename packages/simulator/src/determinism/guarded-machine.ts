import type {
  AppliedRequest,
  Command,
  CommittedRequest,
  ReplicaService,
  ReplicatedMachine,
  SessionStamp,
  StateSpace,
  VersionRange,
} from '@flotilla/state-machine';
import type { Violation } from '../watch/violation.ts';
import { guarded } from './ambient-guard.ts';

/** A machine that is watched while it works: whether it asks for what differs from replica to replica. */
export class GuardedMachine implements ReplicatedMachine {
  readonly name: string;
  readonly versions: VersionRange;
  readonly #machine: ReplicatedMachine;
  readonly #report: (violation: Violation) => void;

  constructor(machine: ReplicatedMachine, report: (violation: Violation) => void) {
    this.name = machine.name;
    this.versions = machine.versions;
    this.#machine = machine;
    this.#report = report;
  }

  get version(): number {
    return this.#machine.version;
  }

  get space(): StateSpace | undefined {
    return this.#machine.space;
  }

  get service(): ReplicaService {
    return this.#machine.service;
  }

  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return guarded(this.name, this.#report, () => this.#machine.apply(requests));
  }

  query(type: string, input: unknown): unknown {
    return guarded(this.name, this.#report, () => this.#machine.query(type, input));
  }

  /** What a schema asks for goes into the log, and so is the same for every replica; but not for every run. */
  encode(command: Command, stamp?: SessionStamp | null): Promise<Uint8Array> {
    return guarded(this.name, this.#report, () => this.#machine.encode(command, stamp));
  }

  snapshot(): Uint8Array {
    return guarded(this.name, this.#report, () => this.#machine.snapshot());
  }

  restore(snapshot: Uint8Array): void {
    guarded(this.name, this.#report, () => this.#machine.restore(snapshot));
  }

  reload(): void {
    this.#machine.reload();
  }
}
