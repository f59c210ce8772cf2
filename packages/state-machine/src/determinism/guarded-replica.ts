import type { MachineEvent } from '../contract.ts';
import type { AnyMachineDefinition } from '../definition.ts';
import type { MachineError } from '../machine-error.ts';
import type { MachineVersions } from '../machine-versions.ts';
import { ForwardingReplica } from '../replica/forwarding-replica.ts';
import { replicate } from '../replica/replicate.ts';
import type { AppliedRequest, CommittedRequest, ReplicatedMachine } from '../replica/replicated-machine.ts';
import type { KeyRange, KeyValue, StateSpace } from '../space/state-space.ts';
import { guarded, unguarded } from './guard.ts';

/** `replicate` for development: while a guard is installed, what the machine must not do stops the member. */
export function replicateGuarded(machine: AnyMachineDefinition | MachineVersions, space?: StateSpace): ReplicatedMachine {
  return new GuardedReplica(replicate(machine, space && new UnguardedSpace(space)));
}

/** A machine that is watched while it works: whether it asks for what differs from replica to replica. */
export class GuardedReplica extends ForwardingReplica {
  readonly #report: ((error: MachineError) => void) | null;

  /** With `report` it is told of what the machine does; otherwise that throws, see {@link guarded}. */
  constructor(machine: ReplicatedMachine, report: ((error: MachineError) => void) | null = null) {
    super(machine);
    this.#report = report;
  }

  // Nobody watches `encode`: what a schema asks for goes into the log, and so is the same for every replica.

  override apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return this.#guarded(() => super.apply(requests));
  }

  override query(type: string, input: unknown): unknown {
    return this.#guarded(() => super.query(type, input));
  }

  override snapshot(): Uint8Array {
    return this.#guarded(() => super.snapshot());
  }

  override restore(snapshot: Uint8Array): void {
    this.#guarded(() => super.restore(snapshot));
  }

  override readEvents(encoded: Uint8Array): readonly MachineEvent[] {
    return this.#guarded(() => super.readEvents(encoded));
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
