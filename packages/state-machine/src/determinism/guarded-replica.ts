import type { Command, MachineEvent } from '../contract.ts';
import type { AnyMachineDefinition } from '../definition.ts';
import type { MachineError } from '../machine-error.ts';
import type { MachineVersions } from '../machine-versions.ts';
import { replicate } from '../replica/replicate.ts';
import type { AppliedRequest, CommittedRequest, ReplicaService, ReplicatedMachine } from '../replica/replicated-machine.ts';
import type { SessionStamp, VersionRange } from '../replica/request.ts';
import type { KeyRange, KeyValue, StateSpace } from '../space/state-space.ts';
import { guarded, unguarded } from './guard.ts';

/** `replicate` for development: while a guard is installed, what the machine must not do stops the member. */
export function replicateGuarded(machine: AnyMachineDefinition | MachineVersions, space?: StateSpace): ReplicatedMachine {
  return new GuardedReplica(replicate(machine, space && new UnguardedSpace(space)));
}

/** A machine that is watched while it works: whether it asks for what differs from replica to replica. */
export class GuardedReplica implements ReplicatedMachine {
  readonly name: string;
  readonly versions: VersionRange;
  readonly #machine: ReplicatedMachine;
  readonly #report: ((error: MachineError) => void) | null;

  /** With `report` it is told of what the machine does; otherwise that throws, see {@link guarded}. */
  constructor(machine: ReplicatedMachine, report: ((error: MachineError) => void) | null = null) {
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
    return this.#guarded(() => this.#machine.apply(requests));
  }

  query(type: string, input: unknown): unknown {
    return this.#guarded(() => this.#machine.query(type, input));
  }

  /** Nobody watches: what a schema asks for goes into the log, and so is the same for every replica. */
  encode(command: Command, stamp?: SessionStamp | null): Promise<Uint8Array> {
    return this.#machine.encode(command, stamp);
  }

  snapshot(): Uint8Array {
    return this.#guarded(() => this.#machine.snapshot());
  }

  restore(snapshot: Uint8Array): void {
    this.#guarded(() => this.#machine.restore(snapshot));
  }

  readEvents(encoded: Uint8Array): readonly MachineEvent[] {
    return this.#guarded(() => this.#machine.readEvents(encoded));
  }

  reload(): void {
    this.#machine.reload();
  }

  #guarded<T>(run: () => T): T {
    return guarded(this.name, run, this.#report);
  }
}

/** A space as machines under a guard get it: a store has clocks, timers and files of its own. */
export class UnguardedSpace implements StateSpace {
  readonly #space: StateSpace;

  constructor(space: StateSpace) {
    this.#space = space;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return unguarded(() => this.#space.get(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    unguarded(() => this.#space.put(key, value));
  }

  delete(key: Uint8Array): void {
    unguarded(() => this.#space.delete(key));
  }

  *range(range?: KeyRange): Generator<KeyValue, void, void> {
    const pairs = unguarded(() => this.#space.range(range)[Symbol.iterator]());
    try {
      for (let next = unguarded(() => pairs.next()); !next.done; next = unguarded(() => pairs.next())) yield next.value;
    } finally {
      unguarded(() => pairs.return?.());
    }
  }
}
