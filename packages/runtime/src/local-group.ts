import { type GroupId, type Index, invariant, type MemberId, type MembershipChange, type SnapshotInfo } from '@flotilla/core';
import type { Command, ReplicatedMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { map, type Observable, startWith } from 'rxjs';
import { ApplyLoop } from './apply-loop.ts';
import { defaultTimeoutMs } from './call.ts';
import { FirstVersion } from './first-version.ts';
import type {
  Applied,
  CallOptions,
  CommandOptions,
  EventBatch,
  Group,
  GroupStatus,
  MembershipResult,
  OpenedSession,
  QueryOptions,
  QueryResult,
  Standing,
} from './group.ts';
import type { GroupConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { Member } from './member.ts';
import { PendingOperations } from './pending-operations.ts';
import { PendingQueries } from './pending-queries.ts';
import type { Clock } from './ports.ts';
import { Proposer } from './proposer.ts';
import type { RaftTransition } from './raft-step.ts';
import { type FailedOutcome, isRuntimeError } from './runtime-error.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { Snapshots } from './snapshots.ts';
import { isChanging, memberStatuses, stateDiverged, unfitness } from './standing.ts';
import { tokens } from './tokens.ts';

/** This host's replica of a group, as gateways see it. */
@injectable()
export class LocalGroup implements Group {
  readonly id: GroupId;
  readonly events$: Observable<EventBatch>;
  readonly applied$: Observable<Index>;
  readonly raft$: Observable<RaftTransition>;
  readonly roles$: Observable<GroupStatus>;
  readonly #machine: ReplicatedMachine;
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  readonly #snapshotTaker: SnapshotTaker;
  readonly #journal: Journal;
  readonly #proposer: Proposer;
  readonly #firstVersion: FirstVersion;
  readonly #queries: PendingQueries;
  readonly #operations: PendingOperations;
  readonly #snapshots: Snapshots;
  readonly #clock: Clock;

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(Member) member: Member,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(SnapshotTaker) snapshotTaker: SnapshotTaker,
    @inject(Journal) journal: Journal,
    @inject(Proposer) proposer: Proposer,
    @inject(FirstVersion) firstVersion: FirstVersion,
    @inject(PendingQueries) queries: PendingQueries,
    @inject(PendingOperations) operations: PendingOperations,
    @inject(Snapshots) snapshots: Snapshots,
    @inject(tokens.clock) clock: Clock,
  ) {
    this.id = group.id;
    this.#machine = machine;
    this.#member = member;
    this.#applyLoop = applyLoop;
    this.#snapshotTaker = snapshotTaker;
    this.#journal = journal;
    this.#proposer = proposer;
    this.#firstVersion = firstVersion;
    this.#queries = queries;
    this.#operations = operations;
    this.#snapshots = snapshots;
    this.#clock = clock;
    this.events$ = applyLoop.events$.asObservable();
    this.applied$ = applyLoop.applied$.asObservable();
    this.raft$ = member.raft$.asObservable();
    this.roles$ = member.roleChanged$.pipe(
      startWith(undefined),
      map(() => this.status()),
    );
  }

  async execute(command: Command, { stamp, timeoutMs = defaultTimeoutMs, ...options }: CommandOptions = {}): Promise<Applied> {
    const deadline = this.#clock.now() + timeoutMs;
    const remaining = () => ({ ...options, timeoutMs: deadline - this.#clock.now() });
    for (let isRepeated = false; ; isRepeated = true) {
      this.#assertFit();
      this.#proposer.assertTakesCommands();
      if (this.#firstVersion.isAwaited) await this.#firstVersion.known(remaining());
      const payload = await this.#machine.encode(command, stamp);
      try {
        const applied = await this.#proposer.submit(payload, remaining());
        // What this member was found to differ in may be the reply.
        this.#assertAgrees('unknown');
        return applied;
      } catch (error) {
        // Another version of the machine applies since then: as this member knows by now, it can check the command again.
        if (isRepeated || !isRuntimeError(error, 'version_changed')) throw error;
      }
    }
  }

  async openSession(ttlMs: number, options: CallOptions = {}): Promise<OpenedSession> {
    this.#assertFit();
    const { outcome } = await this.#proposer.propose({ kind: 'open-session', ttlMs }, options);
    invariant(outcome.kind === 'accepted', 'a session was neither opened nor refused');
    return outcome.reply as OpenedSession;
  }

  async keepSession(session: number, options: CallOptions = {}): Promise<void> {
    this.#assertFit();
    await this.#proposer.propose({ kind: 'keep-session', session }, options);
  }

  async closeSession(session: number, options: CallOptions = {}): Promise<void> {
    this.#assertFit();
    await this.#proposer.propose({ kind: 'close-session', session }, options);
  }

  async query(type: string, input: unknown, options: QueryOptions = {}): Promise<QueryResult> {
    this.#assertFit();
    const run = () => {
      // It may have turned out meanwhile that this member's state is not the group's.
      this.#assertAgrees();
      return this.#machine.query(type, input);
    };
    if (this.#servesAtOnce(options)) return { index: this.#applyLoop.appliedIndex, result: run() };
    const result = this.#queries.submit(run, options);
    this.#member.wake();
    return result;
  }

  async changeMembership(change: MembershipChange, options: CallOptions = {}): Promise<MembershipResult> {
    const changed = this.#operations.submit({ kind: 'membership-requested', change }, options);
    this.#member.wake();
    const result = await changed;
    invariant(result !== null, 'a change of membership ended without one');
    return result;
  }

  async transferLeadership(target: MemberId, options: CallOptions = {}): Promise<void> {
    const transferred = this.#operations.submit({ kind: 'transfer-requested', target }, options);
    this.#member.wake();
    await transferred;
  }

  async takeSnapshot(): Promise<SnapshotInfo> {
    this.#assertAgrees();
    return this.#snapshotTaker.take();
  }

  readSnapshot(id: string): AsyncIterable<Uint8Array> {
    return this.#snapshots.load(id);
  }

  async sync(options: CallOptions = {}): Promise<Index> {
    this.#assertFit();
    const synced = this.#queries.submit(() => null, options);
    this.#member.wake();
    return (await synced).index;
  }

  status(): GroupStatus {
    const { state } = this.#member;
    const { id, role, term, leader, log, commitIndex, membership } = state;
    return {
      group: this.id,
      member: id,
      standing: this.#standing,
      recovering: state.recovering,
      role: role.kind,
      term,
      leader,
      lastIndex: log.lastIndex,
      commitIndex,
      appliedIndex: this.#applyLoop.appliedIndex,
      members: memberStatuses(state, this.#clock.now()),
      pendingChange: membership.pending,
      changeUnderWay: isChanging(state),
      transferTo: role.kind === 'leader' ? (role.transfer?.target ?? null) : null,
      machine: { name: this.#machine.name, version: this.#machine.version, versions: this.#machine.versions },
    };
  }

  journalStart(): Index {
    return this.#journal.startIndex;
  }

  async *events({ from, signal }: { readonly from: Index; readonly signal?: AbortSignal }): AsyncGenerator<EventBatch, void, void> {
    this.#assertAgrees();
    for await (const { index, term, time, events } of this.#journal.follow(from, signal)) {
      yield { index, term, time, events: this.#machine.readEvents(events) };
    }
  }

  /** Reads that need no word of the leader. */
  #servesAtOnce({ consistency, maxStalenessMs }: QueryOptions): boolean {
    if (consistency !== 'stale') return false;
    return maxStalenessMs === undefined || this.#queries.isFresh(maxStalenessMs, this.#applyLoop.appliedIndex);
  }

  get #standing(): Standing {
    const { standing, state } = this.#member;
    const keepsState = standing === 'voter' || standing === 'learner';
    return keepsState && this.#machine.service.divergence(state.id) !== null ? 'diverged' : standing;
  }

  /** Throws where this member's state is not the group's. */
  #assertAgrees(outcome: FailedOutcome = 'not-applied'): void {
    if (this.#standing === 'diverged') throw stateDiverged(outcome);
  }

  #assertFit(): void {
    const unfit = unfitness(this.#standing);
    if (unfit !== null) throw unfit;
  }
}
