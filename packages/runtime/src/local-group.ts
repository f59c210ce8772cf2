import type { GroupId, Index } from '@flotilla/core';
import { type Command, decodeEvents, type StateMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { map, type Observable, startWith } from 'rxjs';
import { ApplyLoop } from './apply-loop.ts';
import type { Applied, CallOptions, EventBatch, Group, GroupStatus, QueryOptions, QueryResult } from './group.ts';
import type { GroupConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { Member } from './member.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingQueries } from './pending-queries.ts';
import type { RaftStep } from './raft-step.ts';
import { tokens } from './tokens.ts';

/** This host's replica of a group, as gateways see it. */
@injectable()
export class LocalGroup implements Group {
  readonly id: GroupId;
  readonly events$: Observable<EventBatch>;
  readonly applied$: Observable<Index>;
  readonly raft$: Observable<RaftStep>;
  readonly roles$: Observable<GroupStatus>;
  readonly #machine: StateMachine;
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  readonly #journal: Journal;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;

  constructor(
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machine) machine: StateMachine,
    @inject(Member) member: Member,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(Journal) journal: Journal,
    @inject(PendingCommands) commands: PendingCommands,
    @inject(PendingQueries) queries: PendingQueries,
  ) {
    this.id = group.id;
    this.#machine = machine;
    this.#member = member;
    this.#applyLoop = applyLoop;
    this.#journal = journal;
    this.#commands = commands;
    this.#queries = queries;
    this.events$ = applyLoop.events$.asObservable();
    this.applied$ = applyLoop.applied$.asObservable();
    this.raft$ = member.raft$.asObservable();
    this.roles$ = member.roleChanged$.pipe(
      startWith(undefined),
      map(() => this.status()),
    );
  }

  async execute(command: Command, options: CallOptions = {}): Promise<Applied> {
    const payload = await this.#machine.encode(command);
    const applied = this.#commands.submit(payload, options);
    this.#member.wake();
    return applied;
  }

  async query(type: string, input: unknown, options: QueryOptions = {}): Promise<QueryResult> {
    const run = () => this.#machine.query(type, input);
    if (options.consistency === 'stale') return { index: this.#applyLoop.appliedIndex, result: run() };
    const result = this.#queries.submit(run, options);
    this.#member.wake();
    return result;
  }

  status(): GroupStatus {
    const { id, role, term, leader, log, commitIndex, membership } = this.#member.state;
    return {
      group: this.id,
      member: id,
      role: role.kind,
      term,
      leader,
      lastIndex: log.lastIndex,
      commitIndex,
      appliedIndex: this.#applyLoop.appliedIndex,
      voters: membership.voters,
      machine: { name: this.#machine.name, version: this.#machine.version },
    };
  }

  journalStart(): Index {
    return this.#journal.startIndex;
  }

  async *events({ from, signal }: { readonly from: Index; readonly signal?: AbortSignal }): AsyncGenerator<EventBatch, void, void> {
    for await (const { index, term, time, events } of this.#journal.follow(from, signal)) {
      yield { index, term, time, events: decodeEvents(events) };
    }
  }
}
