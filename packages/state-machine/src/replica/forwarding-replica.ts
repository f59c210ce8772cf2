import type { Command, MachineEvent } from '../contract.ts';
import type { StateSpace } from '../space/state-space.ts';
import type { AppliedRequest, CommittedRequest, ReplicaService, ReplicatedMachine } from './replicated-machine.ts';
import type { SessionStamp, VersionRange } from './request.ts';

/** Hands everything on to another replica: to be extended by who wants to do more with some of it. */
export class ForwardingReplica implements ReplicatedMachine {
  readonly name: string;
  readonly versions: VersionRange;
  readonly #to: ReplicatedMachine;

  constructor(to: ReplicatedMachine) {
    this.name = to.name;
    this.versions = to.versions;
    this.#to = to;
  }

  get version(): number {
    return this.#to.version;
  }

  get space(): StateSpace | undefined {
    return this.#to.space;
  }

  get service(): ReplicaService {
    return this.#to.service;
  }

  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return this.#to.apply(requests);
  }

  query(type: string, input: unknown): unknown {
    return this.#to.query(type, input);
  }

  encode(command: Command, stamp?: SessionStamp | null): Promise<Uint8Array> {
    return this.#to.encode(command, stamp);
  }

  snapshot(): Uint8Array {
    return this.#to.snapshot();
  }

  restore(snapshot: Uint8Array): void {
    this.#to.restore(snapshot);
  }

  readEvents(encoded: Uint8Array): readonly MachineEvent[] {
    return this.#to.readEvents(encoded);
  }

  reload(): void {
    this.#to.reload();
  }
}
