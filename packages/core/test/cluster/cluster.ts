import {
  beginRecovering,
  type Decision,
  deadline,
  decide,
  type Effect,
  type Entry,
  emptyMembership,
  foundingMembership,
  type Index,
  type Input,
  initialState,
  interruptedInstall,
  type LogBase,
  type MemberId,
  type MemberInfo,
  membershipAt,
  type Outbound,
  type Persist,
  type RaftConfig,
  type RaftState,
  type RestoreSnapshot,
  type StoreChunk,
  termAt,
} from '../../src/index.ts';
import { type Member, newMember } from './member.ts';
import { type Envelope, Network } from './network.ts';
import { payloadBytes, upToBytes, withoutPayload } from './payloads.ts';
import { Snapshots } from './snapshots.ts';

/** What can be seen from outside, in the order in which it happens. */
export type Occurrence =
  | { readonly kind: 'decided'; readonly member: Member; readonly before: RaftState; readonly input: Input; readonly decision: Decision }
  | { readonly kind: 'effect'; readonly member: Member; readonly effect: Exclude<Effect, { kind: 'send' | 'replicate' | 'send-chunk' }> }
  | { readonly kind: 'sent'; readonly member: Member; readonly envelope: Envelope }
  | { readonly kind: 'written'; readonly member: Member; readonly write: Persist }
  | { readonly kind: 'delivering'; readonly member: Member; readonly envelope: Envelope }
  | { readonly kind: 'lost'; readonly envelope: Envelope }
  | { readonly kind: 'started'; readonly member: Member; readonly state: RaftState }
  | { readonly kind: 'crashed'; readonly member: Member }
  /** A disk has lost these entries, and perhaps its vote. */
  | { readonly kind: 'forgot'; readonly member: Member; readonly entries: readonly Entry[] };

type InputWithoutTime = Input extends infer Each ? (Each extends Input ? Omit<Each, 'now' | 'wallTime'> : never) : never;

export interface ClusterOptions {
  /** Members that keep no payloads. */
  readonly witnesses?: readonly MemberId[];
  /** Members that are up, and belong to nothing yet. */
  readonly joiners?: readonly MemberId[];
  readonly priorities?: ReadonlyMap<MemberId, number>;
  /** How fast the members' clocks run compared with {@link Cluster.now}; 1 where absent. */
  readonly clockRates?: ReadonlyMap<MemberId, number>;
  /** Parts of snapshots are stored, and machines restored, only when told by `doSnapshotWork`; at once where absent. */
  readonly slowSnapshots?: boolean;
  /** Whoever loses entries or the vote does not know, and goes on as if it had everything. */
  readonly lossesUnnoticed?: boolean;
}

/** A member of a founding membership, with addresses that name it. */
export function memberInfo(id: MemberId, more: Partial<MemberInfo> = {}): MemberInfo {
  return { id, peerAddress: `peer-${id}`, clientAddress: `client-${id}`, voter: true, witness: false, priority: 0, ...more };
}

/** No two members agree on the time of day. */
const wallClockSkewMs = 5000;

/** Members that talk over a network and write to disks, both of which do only what they are told. */
export class Cluster {
  readonly network = new Network();
  readonly members: ReadonlyMap<MemberId, Member>;
  readonly config: RaftConfig;
  readonly observers: ((occurrence: Occurrence) => void)[] = [];
  now = 0;

  readonly snapshots = new Snapshots();
  /** Members that store and restore snapshots only when `doSnapshotWork` says so. */
  readonly slowSnapshots = new Set<MemberId>();
  /** Members that find every snapshot damaged. */
  readonly damaging = new Set<MemberId>();
  readonly #witnesses: readonly MemberId[];
  readonly #clockRates: ReadonlyMap<MemberId, number>;
  readonly #lossesUnnoticed: boolean;

  constructor(size: number, config: RaftConfig, observe: (occurrence: Occurrence) => void, options: ClusterOptions = {}) {
    const { witnesses = [], joiners = [], priorities = new Map(), clockRates = new Map(), slowSnapshots = false } = options;
    this.config = config;
    this.#witnesses = witnesses;
    this.#clockRates = clockRates;
    this.#lossesUnnoticed = options.lossesUnnoticed ?? false;
    this.observers.push(observe);
    const founders = Array.from({ length: size }, (_, i) => i + 1);
    const infos = founders.map((id) => memberInfo(id, { witness: witnesses.includes(id), priority: priorities.get(id) ?? 0 }));
    const founding: LogBase = { index: 0, term: 0, time: 0, membership: foundingMembership(infos) };
    const nobody: LogBase = { ...founding, membership: emptyMembership };
    const bases = [...founders.map((id) => ({ id, base: founding })), ...joiners.map((id) => ({ id, base: nobody }))];
    this.members = new Map(bases.map(({ id, base }) => [id, newMember(id, base)]));
    if (slowSnapshots) for (const { id } of bases) this.slowSnapshots.add(id);
    for (const { id } of bases) this.start(id);
  }

  member(id: MemberId): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`there is no member ${id}`);
    return member;
  }

  stateOf(id: MemberId): RaftState {
    const { state } = this.member(id);
    if (state === null) throw new Error(`member ${id} is down`);
    return state;
  }

  /** What the member's own monotonic clock shows, in milliseconds. */
  clock(id: MemberId): number {
    return this.now * (this.#clockRates.get(id) ?? 1);
  }

  /** Starts a member from what its disk holds. */
  start(id: MemberId): void {
    const member = this.member(id);
    if (member.state !== null) throw new Error(`member ${id} is up`);
    member.incarnation++;
    const base = interruptedInstall(member.disk.log.shape(), member.disk.snapshot);
    if (base !== null) member.disk.log.rebase(base);
    member.disk.hardState = beginRecovering(member.disk.hardState) ?? member.disk.hardState;
    const recovered = member.disk.recover();
    const fresh = member.disk.hardState.term === 0 && member.disk.log.lastIndex === 0;
    member.state = initialState({
      id,
      memberships: member.disk.log.memberships(),
      witness: this.#witnesses.includes(id),
      config: this.config,
      seed: id * 1000 + member.incarnation,
      now: this.clock(id),
      ...(fresh ? {} : { recovered }),
    });
    member.log = member.disk.log.copy();
    const { snapshot } = member.disk;
    member.appliedIndex = snapshot?.index ?? member.disk.log.base.index;
    member.machine = snapshot === null || snapshot.size === 0 ? [] : this.snapshots.entries(snapshot.id);
    member.finishedWrite = null;
    this.#tell({ kind: 'started', member, state: member.state });
  }

  crash(id: MemberId, keptWrites = 0): void {
    const member = this.member(id);
    member.state = null;
    member.pausedAt = null;
    member.snapshotWork.length = 0;
    member.disk.crash(keptWrites);
    this.#tell({ kind: 'crashed', member });
  }

  /** While the member is down, its disk loses the entries behind `after`, or the vote. */
  forget(id: MemberId, after: Index, voteToo: boolean): void {
    const member = this.member(id);
    const entries = member.disk.lose(after, voteToo);
    const { term, vote } = member.disk.hardState;
    if (this.#lossesUnnoticed) member.disk.hardState = { term, vote };
    this.#tell({ kind: 'forgot', member, entries });
  }

  /** From now on the member does nothing, and what it should do waits, until it is resumed. */
  pause(id: MemberId): void {
    this.member(id).pausedAt ??= this.clock(id);
  }

  resume(id: MemberId): void {
    this.member(id).pausedAt = null;
  }

  /**
   * Lets a member decide, and carries out what it asks for: its writes wait on its disk, its messages in the network. `now` is
   * what it takes for the time.
   */
  input(id: MemberId, input: InputWithoutTime, now = this.clock(id)): void {
    const before = this.stateOf(id);
    const member = this.member(id);
    const timed: Input = { ...input, now, wallTime: this.now + id * wallClockSkewMs };
    const decision = decide(before, timed);
    member.state = decision.state;
    // Whoever looks at a decision sees the log as it is after that decision.
    for (const event of decision.events) {
      if (event.kind === 'log-compacted') member.log.rebase(event.base);
      if (event.kind === 'snapshot-installed') member.log.rebase(event.snapshot);
      if (event.kind === 'log-truncated') member.log.truncateAfter(event.after);
      if (event.kind === 'entries-appended') member.log.append(event.entries);
    }
    this.#tell({ kind: 'decided', member, before, input: timed, decision });
    // What the runtime answers at once, it answers before it decides anything else.
    const answers = decision.effects.flatMap((effect) => this.#carryOut(member, effect));
    for (const answer of answers) this.input(id, answer);
  }

  /** The end of a turn: what is due at once is done now. */
  endTurn(id: MemberId): void {
    const { state } = this.member(id);
    if (state !== null && deadline(state) === Number.NEGATIVE_INFINITY) this.input(id, { kind: 'deadline-reached' });
  }

  /** The machine's state as of its applied index is stored, and the core is told. */
  takeSnapshot(id: MemberId): void {
    const member = this.member(id);
    const state = this.stateOf(id);
    const index = member.appliedIndex;
    if (state.witness || index <= (state.snapshot?.index ?? 0) || state.applyIndex !== index) return;
    const term = termAt(state.log, index);
    const membership = membershipAt(state, index);
    if (term === undefined || membership.members.length === 0) return;
    const time = member.machine.at(-1)?.time ?? 0;
    const machine = { name: 'list', version: 1 };
    const snapshot = this.snapshots.take({ index, term, time, membership, machine }, member.machine, id);
    member.disk.snapshot = snapshot;
    this.input(id, { kind: 'snapshot-taken', snapshot });
  }

  /** Moves the clock to a member's deadline, if that is ahead, and wakes the member. */
  tick(id: MemberId): void {
    const due = deadline(this.stateOf(id));
    if (due === Number.POSITIVE_INFINITY) return;
    if (Number.isFinite(due)) this.now = Math.max(this.now, this.#timeOf(id, due));
    this.input(id, { kind: 'deadline-reached' });
  }

  /** The first whole millisecond at which the member's clock shows `due` or more. */
  #timeOf(id: MemberId, due: number): number {
    const rate = this.#clockRates.get(id) ?? 1;
    const at = Math.ceil(due / rate);
    return at * rate < due ? at + 1 : at;
  }

  /**
   * Completes the oldest `count` writes of a disk as one, and sends what was owed until then. The core is told by
   * `acknowledgeWrite`.
   */
  write(id: MemberId, count = 1): boolean {
    const member = this.member(id);
    const promises: Outbound[] = [];
    for (let i = 0; i < count; i++) {
      const write = member.disk.completeOldest();
      if (write === undefined) break;
      member.finishedWrite = write.sequence;
      promises.push(...write.promises);
      this.#tell({ kind: 'written', member, write });
    }
    for (const { to, message } of promises) this.#send(member, { from: id, to, message });
    return member.finishedWrite !== null;
  }

  acknowledgeWrite(id: MemberId): boolean {
    const member = this.member(id);
    const sequence = member.finishedWrite;
    if (sequence === null || member.state === null) return false;
    member.finishedWrite = null;
    this.input(id, { kind: 'persisted', sequence });
    return true;
  }

  deliver(envelope: Envelope): void {
    this.network.take(envelope);
    const member = this.member(envelope.to);
    if (member.state === null) {
      this.#tell({ kind: 'lost', envelope });
    } else {
      this.#tell({ kind: 'delivering', member, envelope });
      this.input(envelope.to, { kind: 'received', from: envelope.from, message: envelope.message });
    }
  }

  drop(envelope: Envelope): void {
    this.network.take(envelope);
    this.#tell({ kind: 'lost', envelope });
  }

  #carryOut(member: Member, effect: Effect): InputWithoutTime[] {
    switch (effect.kind) {
      case 'send':
        this.#send(member, { from: member.id, to: effect.to, message: effect.message });
        return [];
      case 'replicate': {
        const { to, term, prevIndex, prevTerm, lastIndex, commit, withoutPayloads } = effect;
        const chosen = upToBytes(member.log.range(prevIndex, lastIndex), effect.bytesMax);
        const entries = withoutPayloads ? chosen.map(withoutPayload) : chosen;
        this.#send(member, { from: member.id, to, message: { kind: 'append', term, prevIndex, prevTerm, commit, entries } });
        return [{ kind: 'append-sent', to, term, prevIndex, lastIndex: prevIndex + entries.length, bytes: payloadBytes(entries) }];
      }
      case 'send-chunk': {
        const { to, term, snapshot, offset, bytesMax } = effect;
        const bytes = new Uint8Array(Math.min(bytesMax, snapshot.size - offset));
        this.#send(member, { from: member.id, to, message: { kind: 'snapshot-chunk', term, snapshot, offset, bytes, checksum: 0 } });
        return [];
      }
      default:
        if (effect.kind === 'persist') member.disk.submit(effect);
        if (effect.kind === 'apply') this.#apply(member, effect.through);
        this.#tell({ kind: 'effect', member, effect });
        return this.#answer(member, effect);
    }
  }

  #apply(member: Member, through: Index): void {
    member.machine = [...member.machine, ...member.log.range(member.appliedIndex, through)];
    member.appliedIndex = through;
  }

  #answer(member: Member, effect: Effect): InputWithoutTime[] {
    if (effect.kind !== 'store-chunk' && effect.kind !== 'restore-snapshot') return [];
    if (!this.slowSnapshots.has(member.id)) return [this.#handleSnapshot(member, effect, !this.damaging.has(member.id))];
    member.snapshotWork.push(effect);
    return [];
  }

  /** Stores the oldest part of a snapshot that waits for it, or restores the machine, if the snapshot is `intact`. */
  doSnapshotWork(id: MemberId, intact = true): boolean {
    const member = this.member(id);
    const work = member.snapshotWork.shift();
    if (work === undefined) return false;
    this.input(id, this.#handleSnapshot(member, work, intact));
    return true;
  }

  #handleSnapshot(member: Member, work: StoreChunk | RestoreSnapshot, intact: boolean): InputWithoutTime {
    const { snapshot } = work;
    if (work.kind === 'store-chunk') {
      return { kind: 'chunk-stored', snapshotId: snapshot.id, offset: work.offset + work.bytes.length };
    }
    if (intact) {
      member.machine = snapshot.size === 0 ? [] : this.snapshots.entries(snapshot.id);
      member.appliedIndex = snapshot.index;
      member.disk.snapshot = snapshot;
    }
    return { kind: 'snapshot-restored', snapshotId: snapshot.id, intact };
  }

  #send(member: Member, envelope: Envelope): void {
    this.network.send(envelope);
    this.#tell({ kind: 'sent', member, envelope });
  }

  #tell(occurrence: Occurrence): void {
    for (const observe of this.observers) observe(occurrence);
  }
}
