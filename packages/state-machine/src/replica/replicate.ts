import { encodeCommand } from '../codec/codec.ts';
import type { Command, StateMachine } from '../contract.ts';
import type { AnyMachineDefinition } from '../definition.ts';
import type { MachineVersions } from '../machine-versions.ts';
import type { StateSpace } from '../space/state-space.ts';
import { versionsOf } from '../versions-of.ts';
import type { AppliedRequest, CommittedRequest, ReplicaService, ReplicatedMachine } from './replicated-machine.ts';
import type { SessionStamp, VersionRange } from './request.ts';
import { decodeRequest, encodeRequest } from './request-codec.ts';

/**
 * A machine as a group runs it, in its initial state or with what `space` holds. Throws a `FlotillaError` with code
 * `machine_version_unsupported` where that is of a version that this program does not have.
 */
export function replicate(machine: AnyMachineDefinition | MachineVersions, space?: StateSpace): ReplicatedMachine {
  return new MachineReplica('commands' in machine ? versionsOf(machine) : machine, space);
}

class MachineReplica implements ReplicatedMachine {
  readonly name: string;
  readonly versions: VersionRange;
  readonly #machine: StateMachine;

  constructor(versions: MachineVersions, space?: StateSpace) {
    this.name = versions.name;
    this.versions = versions.versions;
    this.#machine = versions.create(versions.versions.newest, space);
  }

  get version(): number {
    return this.#machine.version;
  }

  get space(): StateSpace | undefined {
    return this.#machine.space;
  }

  get service(): ReplicaService {
    return {
      dueAt: null,
      outboxRevision: 0,
      changedSinceComparison: false,
      pendingEffects: () => [],
      announced: () => null,
      report: () => null,
      divergence: () => null,
    };
  }

  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return requests.map((request) => this.#applyOne(request));
  }

  query(type: string, input: unknown): unknown {
    return this.#machine.query(type, input);
  }

  async encode(command: Command, stamp: SessionStamp | null = null): Promise<Uint8Array> {
    const encoded = await this.#machine.encode(command);
    return encodeRequest({ kind: 'command', version: this.version, stamp, command: encoded });
  }

  snapshot(): Uint8Array {
    return this.#machine.snapshot();
  }

  restore(snapshot: Uint8Array): void {
    this.#machine.restore(snapshot);
  }

  reload(): void {}

  #applyOne({ index, term, time, payload }: CommittedRequest): AppliedRequest {
    const request = decodeRequest(payload);
    const command = request.kind === 'command' ? request.command : encodeCommand({ type: request.kind, input: {} });
    const [outcome] = this.#machine.apply([{ index, term, time, payload: command }]);
    if (outcome === undefined) throw new Error('the machine gave no outcome');
    return { index, term, outcome, events: outcome.kind === 'accepted' ? outcome.events : [] };
  }
}
