import {
  type Decision,
  deadline,
  decide,
  type Effect,
  type Index,
  type Input,
  initialState,
  type MemberId,
  type Outbound,
  type Persist,
  type RaftConfig,
  type RaftState,
} from '../../src/index.ts';
import { Disk } from './disk.ts';
import { EntryLog } from './entry-log.ts';
import { type Envelope, Network } from './network.ts';

/** One member: the pure core, its disk, and the entries that the core's log stands for. */
export interface Member {
  readonly id: MemberId;
  readonly disk: Disk;
  /** Null while it is down. */
  state: RaftState | null;
  /** The log as the core sees it now, whether on disk or not. */
  log: EntryLog;
  appliedIndex: Index;
  /** The latest write that is on disk while the core has not been told yet. */
  finishedWrite: number | null;
  incarnation: number;
}

/** What can be seen from outside, in the order in which it happens. */
export type Occurrence =
  | { readonly kind: 'decided'; readonly member: Member; readonly before: RaftState; readonly input: Input; readonly decision: Decision }
  | { readonly kind: 'effect'; readonly member: Member; readonly effect: Exclude<Effect, { kind: 'send' | 'replicate' }> }
  | { readonly kind: 'sent'; readonly member: Member; readonly envelope: Envelope }
  | { readonly kind: 'written'; readonly member: Member; readonly write: Persist }
  | { readonly kind: 'delivering'; readonly member: Member; readonly envelope: Envelope }
  | { readonly kind: 'lost'; readonly envelope: Envelope }
  | { readonly kind: 'started'; readonly member: Member; readonly state: RaftState }
  | { readonly kind: 'crashed'; readonly member: Member };

type InputWithoutTime = Input extends infer Each ? (Each extends Input ? Omit<Each, 'now' | 'wallTime'> : never) : never;

/** No two members agree on the time of day. */
const wallClockSkewMs = 5000;

/** Members that talk over a network and write to disks, both of which do only what they are told. */
export class Cluster {
  readonly network = new Network();
  readonly members: ReadonlyMap<MemberId, Member>;
  readonly config: RaftConfig;
  readonly observers: ((occurrence: Occurrence) => void)[] = [];
  now = 0;

  constructor(size: number, config: RaftConfig, observe: (occurrence: Occurrence) => void) {
    this.config = config;
    this.observers.push(observe);
    const ids = Array.from({ length: size }, (_, i) => i + 1);
    this.members = new Map(
      ids.map((id) => [
        id,
        { id, disk: new Disk(), state: null, log: new EntryLog(), appliedIndex: 0, finishedWrite: null, incarnation: 0 },
      ]),
    );
    for (const id of ids) this.start(id);
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

  /** Starts a member from what its disk holds. */
  start(id: MemberId): void {
    const member = this.member(id);
    if (member.state !== null) throw new Error(`member ${id} is up`);
    member.incarnation++;
    const fresh = member.disk.hardState.term === 0 && member.disk.log.lastIndex === 0;
    member.state = initialState({
      id,
      membership: { voters: [...this.members.keys()] },
      config: this.config,
      seed: id * 1000 + member.incarnation,
      now: this.now,
      ...(fresh ? {} : { recovered: member.disk.recover() }),
    });
    member.log = member.disk.log.copy();
    member.appliedIndex = member.disk.log.snapshotIndex;
    member.finishedWrite = null;
    this.#tell({ kind: 'started', member, state: member.state });
  }

  crash(id: MemberId, keptWrites = 0): void {
    const member = this.member(id);
    member.state = null;
    member.disk.crash(keptWrites);
    this.#tell({ kind: 'crashed', member });
  }

  /** Lets a member decide, and carries out what it asks for: its writes wait on its disk, its messages in the network. */
  input(id: MemberId, input: InputWithoutTime): void {
    const before = this.stateOf(id);
    const member = this.member(id);
    const timed: Input = { ...input, now: this.now, wallTime: this.now + id * wallClockSkewMs };
    const decision = decide(before, timed);
    member.state = decision.state;
    // Whoever looks at a decision sees the log as it is after that decision.
    for (const event of decision.events) {
      if (event.kind === 'log-truncated') member.log.truncateAfter(event.after);
      if (event.kind === 'entries-appended') member.log.append(event.entries);
    }
    this.#tell({ kind: 'decided', member, before, input: timed, decision });
    for (const effect of decision.effects) this.#carryOut(member, effect);
  }

  /** Moves the clock to a member's deadline, if that is ahead, and wakes the member. */
  tick(id: MemberId): void {
    const due = deadline(this.stateOf(id));
    if (due === Number.POSITIVE_INFINITY) return;
    this.now = Math.max(this.now, due);
    this.input(id, { kind: 'deadline-reached' });
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

  #carryOut(member: Member, effect: Effect): void {
    if (effect.kind === 'send') {
      this.#send(member, { from: member.id, to: effect.to, message: effect.message });
    } else if (effect.kind === 'replicate') {
      const { to, term, prevIndex, prevTerm, lastIndex, commit } = effect;
      const entries = member.log.range(prevIndex, lastIndex);
      this.#send(member, { from: member.id, to, message: { kind: 'append', term, prevIndex, prevTerm, commit, entries } });
    } else {
      if (effect.kind === 'persist') member.disk.submit(effect);
      if (effect.kind === 'apply') member.appliedIndex = effect.through;
      this.#tell({ kind: 'effect', member, effect });
    }
  }

  #send(member: Member, envelope: Envelope): void {
    this.network.send(envelope);
    this.#tell({ kind: 'sent', member, envelope });
  }

  #tell(occurrence: Occurrence): void {
    for (const observe of this.observers) observe(occurrence);
  }
}
