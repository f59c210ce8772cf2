import {
  FlotillaError,
  foundingMembership,
  type Index,
  type MemberId,
  type MemberInfo,
  type Membership,
  type MembershipChange,
  planChange,
} from '@flotilla/core';
import {
  type Applied,
  type CallOptions,
  type CommandOptions,
  type EventBatch,
  type Group,
  type GroupStatus,
  type OpenedSession,
  type QueryOptions,
  type QueryResult,
  RuntimeError,
} from '@flotilla/runtime';
import { type Command, encodeRequest, type ReplicatedMachine } from '@flotilla/state-machine';
import { BehaviorSubject, EMPTY, Subject } from 'rxjs';

/**
 * A group of one member in memory: commands go straight to the machine, events into an array. It keeps the promises of
 * {@link Group} that a gateway relies on, and fails on request.
 */
export class SingleNodeGroup implements Group {
  readonly id = 1;
  readonly events$ = new Subject<EventBatch>();
  readonly applied$ = new Subject<Index>();
  /** Nothing: there is no consensus here to watch. */
  readonly raft$ = EMPTY;
  readonly roles$: BehaviorSubject<GroupStatus>;
  readonly #machine: ReplicatedMachine;
  readonly #now: () => number;
  readonly #failures: unknown[] = [];
  #journal: EventBatch[] = [];
  #journalStart = 1;
  #appliedIndex = 0;
  #leader: MemberId | null = 1;
  #standing: GroupStatus['standing'] = 'voter';
  #membership: Membership = foundingMembership([self]);
  #held: Promise<void> = Promise.resolve();
  #moved = gate();
  #streams = 0;

  constructor(machine: ReplicatedMachine, now: () => number = () => 0) {
    this.#machine = machine;
    this.#now = now;
    this.roles$ = new BehaviorSubject(this.status());
  }

  /** How many readers follow the events right now. */
  get streams(): number {
    return this.#streams;
  }

  /** The next call that is not a status fails with `error`. */
  failNext(error: unknown): void {
    this.#failures.push(error);
  }

  /** Calls wait from now on until the function that is returned is called. */
  hold(): () => void {
    const { opened, open } = gate();
    this.#held = opened;
    return open;
  }

  setLeader(leader: MemberId | null): void {
    this.#leader = leader;
    this.roles$.next(this.status());
  }

  setStanding(standing: GroupStatus['standing']): void {
    this.#standing = standing;
    this.roles$.next(this.status());
  }

  /** Who belongs to the group, besides this one member that does everything. */
  setMembership(membership: Membership): void {
    this.#membership = membership;
  }

  /** Forgets the events before `index`. */
  compactTo(index: Index): void {
    this.#journalStart = index;
    this.#journal = this.#journal.filter((batch) => batch.index >= index);
  }

  async execute(command: Command, { stamp, ...options }: CommandOptions = {}): Promise<Applied> {
    return this.#apply(await this.#machine.encode(command, stamp), options);
  }

  async openSession(ttlMs: number, options: CallOptions = {}): Promise<OpenedSession> {
    const { outcome } = await this.#apply(encodeRequest({ kind: 'open-session', ttlMs }), options);
    if (outcome.kind !== 'accepted') throw new Error(outcome.message);
    return outcome.reply as OpenedSession;
  }

  async keepSession(session: number, options: CallOptions = {}): Promise<void> {
    await this.#apply(encodeRequest({ kind: 'keep-session', session }), options);
  }

  async closeSession(session: number, options: CallOptions = {}): Promise<void> {
    await this.#apply(encodeRequest({ kind: 'close-session', session }), options);
  }

  async #apply(payload: Uint8Array, options: CallOptions): Promise<Applied> {
    this.#assertServing();
    await this.#turn(options);
    const position = { index: this.#appliedIndex + 1, term: 1, time: this.#now() };
    const [applied] = this.#machine.apply([{ ...position, payload }]);
    if (applied === undefined) throw new Error('the machine gave no outcome');
    this.#appliedIndex = position.index;
    if (applied.events.length > 0) this.#publish({ ...position, events: applied.events });
    this.applied$.next(position.index);
    const { index, term, outcome } = applied;
    if (outcome.kind === 'refused') throw new RuntimeError(outcome.code, 'not-applied', outcome.message, outcome.hint);
    return { index, term, outcome };
  }

  async query(type: string, input: unknown, options: QueryOptions = {}): Promise<QueryResult> {
    this.#assertServing();
    if (options.consistency !== 'stale') await this.#turn(options);
    return { index: this.#appliedIndex, result: this.#machine.query(type, input) };
  }

  async changeMembership(change: MembershipChange, options: CallOptions = {}): ReturnType<Group['changeMembership']> {
    await this.#turn(options);
    const membership = this.#leader === 1 ? planChange(this.#membership, change) : 'not_leader';
    if (typeof membership === 'string') throw new FlotillaError(membership, 'the change was refused', 'See the code.');
    this.#membership = { ...membership, outgoing: null };
    return { index: ++this.#appliedIndex, membership };
  }

  async transferLeadership(target: MemberId, options: CallOptions = {}): Promise<void> {
    await this.#turn(options);
    const refusal = this.#leader !== 1 ? 'not_leader' : this.#membership.members.some(({ id }) => id === target) ? null : 'invalid_target';
    if (refusal !== null) throw new FlotillaError(refusal, 'the transfer was refused', 'See the code.');
    this.setLeader(target);
  }

  /** Stores nothing: it says what it would be. */
  async takeSnapshot(): ReturnType<Group['takeSnapshot']> {
    await this.#turn({});
    const { name, version } = this.#machine;
    const position = { index: this.#appliedIndex, term: 1, time: this.#now(), membership: this.#membership, machine: { name, version } };
    return { ...position, id: `state-${this.#appliedIndex}`, size: this.#machine.snapshot().length };
  }

  async *readSnapshot(id: string): AsyncGenerator<Uint8Array, void, void> {
    await this.#turn({});
    if (id !== `state-${this.#appliedIndex}`) throw new FlotillaError('snapshot_missing', `there is no ${id}`, 'Take another one.');
    yield this.#machine.snapshot();
  }

  async sync(options: CallOptions = {}): Promise<Index> {
    await this.#turn(options);
    return this.#appliedIndex;
  }

  status(): GroupStatus {
    const index = this.#appliedIndex;
    const { name, version } = this.#machine;
    return {
      group: this.id,
      member: 1,
      standing: this.#standing,
      recovering: false,
      role: this.#leader === 1 ? 'leader' : 'follower',
      term: 1,
      leader: this.#leader,
      lastIndex: index,
      commitIndex: index,
      appliedIndex: index,
      members: this.#membership.members.map(memberStatus),
      pendingChange: this.#membership.pending,
      changeUnderWay: this.#membership.pending !== null,
      transferTo: null,
      machine: { name, version, versions: this.#machine.versions },
    };
  }

  async *events({ from, signal }: { readonly from: Index; readonly signal?: AbortSignal }): AsyncGenerator<EventBatch> {
    const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    this.#streams++;
    try {
      for (let next = from; signal?.aborted !== true; ) {
        const moved = this.#moved.opened;
        if (next < this.#journalStart) throw new FlotillaError('journal_compacted', `entry ${next} is gone`, 'Read the state first.');
        const batch = this.#journal.find(({ index }) => index >= next);
        if (batch === undefined) {
          await Promise.race([moved, aborted]);
        } else {
          yield batch;
          next = batch.index + 1;
        }
      }
    } finally {
      this.#streams--;
    }
  }

  journalStart(): Index {
    return this.#journalStart;
  }

  #publish(batch: EventBatch): void {
    this.#journal.push(batch);
    this.events$.next(batch);
    this.#moved.open();
    this.#moved = gate();
  }

  #assertServing(): void {
    if (this.#standing === 'removed') throw new RuntimeError('member_removed', 'not-applied', 'removed', 'Use another member.');
    if (this.#standing === 'joining') throw new RuntimeError('not_a_member', 'not-applied', 'joining', 'Use another member.');
  }

  /** Everything that may keep a call from being carried out. */
  async #turn({ timeoutMs = 5000, signal }: CallOptions): Promise<void> {
    if (this.#leader === null) throw new RuntimeError('no_leader', 'not-applied', 'the group has no leader', 'Try again shortly.');
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    const gone = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
    if (!gone.aborted) await Promise.race([this.#held, new Promise((resolve) => gone.addEventListener('abort', resolve, { once: true }))]);
    if (signal?.aborted) throw new RuntimeError('aborted', 'unknown', 'the caller went away', 'Nobody reads this.');
    if (gone.aborted)
      throw new RuntimeError('timeout', 'unknown', `no answer within ${timeoutMs} ms`, 'Read the state before you try again.');
  }
}

const self: MemberInfo = {
  id: 1,
  peerAddress: '127.0.0.1:7000',
  clientAddress: '127.0.0.1:7001',
  voter: true,
  witness: false,
  priority: 0,
};

function memberStatus({ id, peerAddress, clientAddress, voter, witness, priority }: MemberInfo): GroupStatus['members'][number] {
  const role = witness ? 'witness' : voter ? 'voter' : 'learner';
  return { id, peerAddress, clientAddress, role, priority, leaving: false, progress: null };
}

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
