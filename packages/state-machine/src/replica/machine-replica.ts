import { decodeEvents } from '../codec/codec.ts';
import type { Command, MachineEvent, StateMachine } from '../contract.ts';
import type { MachineVersions } from '../machine-versions.ts';
import { assertReads, noVersion } from '../snapshot-owner.ts';
import { MemorySpace } from '../space/memory-space.ts';
import type { StateSpace } from '../space/state-space.ts';
import { Bookkeeping, spaceOf } from './bookkeeping.ts';
import { DigestChain } from './digest-chain.ts';
import { DigestedSpace } from './digested-space.ts';
import { decodeReplicaSnapshot, encodeReplicaSnapshot } from './replica-snapshot.ts';
import type { AppliedRequest, CommittedRequest, ReplicaService, ReplicatedMachine } from './replicated-machine.ts';
import type { SessionStamp, VersionRange } from './request.ts';
import { RequestApplier } from './request-applier.ts';
import { encodeRequest } from './request-codec.ts';
import { unsupportedVersion } from './version-register.ts';

/** Bounds that tests lower. */
export interface ReplicaLimits {
  /** How much all replies may take that are kept for repetitions, in bytes. */
  readonly replyBytesMax?: number | undefined;
}

/** A machine with its bookkeeping, as a group runs it. */
export class MachineReplica implements ReplicatedMachine {
  readonly name: string;
  readonly versions: VersionRange;
  readonly space: StateSpace | undefined;
  readonly service: ReplicaService;
  readonly #definition: MachineVersions;
  readonly #limits: ReplicaLimits;
  readonly #chain = new DigestChain();
  /** The space as the machine has it: what it writes there becomes part of the digest. */
  readonly #digestedSpace: StateSpace;
  #applier: RequestApplier;

  /** Throws `machine_version_unsupported` where `space` holds a state of a version that `definition` lacks. */
  constructor(definition: MachineVersions, space?: StateSpace, limits: ReplicaLimits = {}) {
    this.name = definition.name;
    this.versions = definition.versions;
    this.#definition = definition;
    this.#limits = limits;
    const given = space ?? new MemorySpace();
    this.#digestedSpace = new DigestedSpace(given, this.#chain.digest);
    const machine = definition.create(definition.versions.newest, this.#digestedSpace);
    // A machine in memory has no use for the space that it was offered.
    this.space = machine.space === this.#digestedSpace ? given : machine.space;
    this.#applier = this.#applierOf(machine, this.#emptyBook());
    this.service = this.#serve();
    this.reload();
  }

  get version(): number {
    return this.#applier.machine.version;
  }

  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    const applied = requests.map((request) => this.#applier.apply(request));
    if (this.space !== undefined && requests.length > 0) this.#applier.book.save(this.space, this.#chain.position);
    return applied;
  }

  query(type: string, input: unknown): unknown {
    return this.#applier.machine.query(type, input);
  }

  readEvents(encoded: Uint8Array): readonly MachineEvent[] {
    const { version, events } = decodeEvents(encoded);
    return version === this.version ? events : this.#definition.upcastEvents(events, version, this.version);
  }

  async encode(command: Command, stamp: SessionStamp | null = null): Promise<Uint8Array> {
    const { machine } = this.#applier;
    return encodeRequest({ kind: 'command', version: machine.version, stamp, command: await machine.encode(command) });
  }

  snapshot(): Uint8Array {
    const { book, machine } = this.#applier;
    if (this.space !== undefined) return machine.snapshot();
    const version = book.versions.active;
    return encodeReplicaSnapshot({
      name: this.name,
      version,
      bookkeeping: book.toBytes(this.#chain.position),
      machine: version === null ? new Uint8Array(0) : machine.snapshot(),
    });
  }

  restore(snapshot: Uint8Array): void {
    if (this.space !== undefined) {
      this.#applier.machine.restore(snapshot);
      return this.reload();
    }
    const { name, version, bookkeeping, machine: state } = decodeReplicaSnapshot(snapshot);
    assertReads(this, { name, version: version ?? noVersion }, 'the snapshot');
    const book = this.#emptyBook();
    const position = book.load(spaceOf(bookkeeping));
    const machine = this.#machineOf(version);
    if (version !== null) machine.restore(state);
    this.#applier = this.#applierOf(machine, book);
    this.#chain.load(position);
  }

  reload(): void {
    if (this.space === undefined) return;
    const book = this.#emptyBook();
    const position = book.load(this.space);
    this.#applier = this.#applierOf(this.#machineOf(book.versions.active), book);
    this.#chain.load(position);
  }

  #emptyBook(): Bookkeeping {
    const outboxRevision = this.#applier === undefined ? 0 : this.#applier.book.outbox.revision + 1;
    return new Bookkeeping({ isInSpace: this.space !== undefined, outboxRevision, replyBytesMax: this.#limits.replyBytesMax });
  }

  #applierOf(machine: StateMachine, book: Bookkeeping): RequestApplier {
    return new RequestApplier(this.#definition, machine, book, this.#chain, this.#digestedSpace);
  }

  /** The machine of a version, to be given its state; with null, of the newest one in its initial state. */
  #machineOf(version: number | null): StateMachine {
    const { machine, book } = this.#applier;
    const { versions } = this.#definition;
    const isFresh = book.versions.active === null;
    if (version === null) return isFresh ? machine : this.#definition.create(versions.newest, this.#digestedSpace);
    if (version === machine.version) return machine;
    if (version < versions.oldest || version > versions.newest) throw unsupportedVersion(this.name, version, versions);
    return this.#definition.create(version, this.#digestedSpace);
  }

  #serve(): ReplicaService {
    const bookNow = () => this.#applier.book;
    return {
      get dueAt() {
        const [timer, session] = [bookNow().timers.dueAt, bookNow().sessions.dueAt];
        return timer === null || session === null ? (timer ?? session) : Math.min(timer, session);
      },
      get outboxRevision() {
        return bookNow().outbox.revision;
      },
      get activeVersion() {
        return bookNow().versions.active;
      },
      get changedSinceComparison() {
        return bookNow().changed || bookNow().comparison.isHeldUp;
      },
      pendingEffects: (max) => bookNow().outbox.pending(max),
      announced: (member) => bookNow().versions.announced(member),
      report: (member) => {
        const asked = bookNow().comparison.asks(member);
        if (asked === null) return null;
        return { kind: 'report-digests', member, round: asked.round, digests: asked.points.map((index) => this.#chain.at(index)) };
      },
      get disagreement() {
        return bookNow().comparison.disagreement;
      },
      divergence: (member) => bookNow().comparison.divergence(member),
    };
  }
}
