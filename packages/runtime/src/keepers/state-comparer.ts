import { FlotillaError, type MemberId } from '@flotilla/core';
import type { Divergence, ReplicatedMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { FailStop } from '../fail-stop.ts';
import type { GroupConfig, HostConfig } from '../host-config.ts';
import type { Clock, Logger, Scheduler } from '../ports.ts';
import { Proposer } from '../proposer.ts';
import { tokens } from '../tokens.ts';
import { GroupView } from './group-view.ts';
import type { Keeper } from './keeper.ts';
import { RequestLane } from './request-lane.ts';

/** A member that reports in vain does not report all the time, but every so many milliseconds. */
const reportPauseMs = 20;

/**
 * Lets replicas compare their states: the leader asks for it every now and then, each member reports, and one whose state is not the
 * majority's stops before it does more harm.
 *
 * One that is started again afterwards serves nothing. It applies the log, as its program may be a better one by now, asks for a
 * comparison itself, and either agrees in it or stops again.
 */
@injectable()
export class StateComparer implements Keeper {
  readonly #group: number;
  readonly #intervalMs: number;
  readonly #machine: ReplicatedMachine;
  readonly #view: GroupView;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #failStop: FailStop;
  readonly #logger: Logger;
  readonly #comparing: RequestLane;
  readonly #reporting: RequestLane;
  /** Others that were already said to differ. */
  readonly #named = new Set<MemberId>();
  /** The first round in which this member has reported since it started; null as long as it has not. */
  #firstReport: number | null = null;
  #isOutcast = false;
  /** The round of the disagreement that was logged. */
  #notedRound: number | null = null;
  #notBefore = Number.NEGATIVE_INFINITY;
  #cancelAlarm: (() => void) | null = null;

  constructor(
    @inject(tokens.hostConfig) host: HostConfig,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(GroupView) view: GroupView,
    @inject(Proposer) proposer: Proposer,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#group = group.id;
    this.#intervalMs = host.stateComparisonMs;
    this.#machine = machine;
    this.#view = view;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#failStop = failStop;
    this.#logger = logger;
    this.#comparing = new RequestLane(proposer, scheduler, failStop, 0, () => this.look());
    this.#reporting = new RequestLane(proposer, scheduler, failStop, reportPauseMs, () => this.look());
  }

  look(): void {
    const divergence = this.#machine.service.divergence(this.#view.self);
    if (this.#view.isReplaying) return;
    // What was said of an earlier life of this member is no reason to stop again; but it must neither hand out its state nor act on it.
    if (divergence !== null && (this.#hasReportedBy(divergence.round) || this.#view.leads))
      return this.#failStop.trip(stateDiverged(this.#group, this.#machine.name, divergence));
    this.#noteOutcast(divergence);
    this.#nameOthers();
    this.#noteDisagreement();
    if (!this.#view.mayPropose) return;
    if (this.#reporting.isFree) this.#report();
    this.#compareIfDue();
  }

  stop(): void {
    this.#cancelAlarm?.();
    this.#comparing.stop();
    this.#reporting.stop();
  }

  #hasReportedBy(round: number): boolean {
    return this.#firstReport !== null && this.#firstReport <= round;
  }

  #report(): void {
    const report = this.#machine.service.report(this.#view.self);
    if (report?.kind !== 'report-digests') return;
    this.#firstReport ??= report.round;
    this.#reporting.propose(report);
  }

  #noteOutcast(divergence: Divergence | null): void {
    if (this.#isOutcast === (divergence !== null)) return;
    this.#isOutcast = divergence !== null;
    const fields = { group: this.#group, machine: this.#machine.name, ...divergence };
    if (divergence === null) this.#logger.info(fields, 'the state of this member is that of the majority again, and it serves');
    else this.#logger.error(fields, 'the state of this member was found to differ: it serves nothing until it agrees in a comparison');
  }

  #noteDisagreement(): void {
    const { disagreement } = this.#machine.service;
    const round = disagreement?.round ?? null;
    if (this.#notedRound === round) return;
    this.#notedRound = round;
    const fields = { group: this.#group, machine: this.#machine.name, ...disagreement };
    if (disagreement === null) return this.#logger.info(fields, 'a majority of the members agrees again');
    const message =
      `the states of the members differ since entry ${disagreement.index}, and no majority of them agrees: nobody can tell who is right, ` +
      'so all go on, and are compared again. Find out what that entry does, and restore a backup, see docs/operations.md#divergence';
    this.#logger.error(fields, message);
  }

  /** A group in which nothing changed is not compared again: it may sleep. */
  #compareIfDue(): void {
    if (this.#intervalMs === 0 || this.#cancelAlarm !== null || !this.#comparing.isFree) return;
    const isWorthIt = this.#view.leadingTerm !== null && this.#machine.service.changedSinceComparison;
    if (!isWorthIt && !this.#isOutcast) return;
    const now = this.#clock.now();
    // A leader that is new begins to count here.
    if (this.#notBefore === Number.NEGATIVE_INFINITY) this.#notBefore = now + this.#intervalMs;
    if (now >= this.#notBefore) {
      this.#notBefore = now + this.#intervalMs;
      return this.#comparing.propose({ kind: 'compare-states', members: this.#compared });
    }
    this.#cancelAlarm = this.#scheduler.after(this.#notBefore - now, () => {
      this.#cancelAlarm = null;
      this.#failStop.guard(() => this.look());
    });
  }

  /** Nobody waits for a member that is known to differ, as it is probably down: when it is back, it asks for a comparison itself. */
  get #compared(): readonly MemberId[] {
    const { self, statefulMembers } = this.#view;
    return statefulMembers.filter((member) => member === self || this.#machine.service.divergence(member) === null);
  }

  #nameOthers(): void {
    for (const member of this.#view.statefulMembers) {
      const divergence = member === this.#view.self ? null : this.#machine.service.divergence(member);
      if (divergence === null) this.#named.delete(member);
      if (divergence === null || this.#named.has(member)) continue;
      this.#named.add(member);
      const { index, agreedIndex, members } = divergence;
      const message = 'the state of these members differs from that of the majority: they stop, and have to be replaced';
      this.#logger.error({ group: this.#group, members, index, agreedIndex }, message);
    }
  }
}

function stateDiverged(group: number, machine: string, { index, agreedIndex, members }: Divergence): FlotillaError {
  const also = members.length > 1 ? ` (members ${members.join(', ')} are in the minority)` : '';
  return new FlotillaError(
    'state_diverged',
    `the state of machine "${machine}" in group ${group} differs here from the majority's since entry ${index}${also}; it was the same as of entry ${agreedIndex}`,
    `Look at what entry ${index} does: a handler that reads a clock, draws randomness or does I/O, or members that run different programs. ` +
      'Then replace this member: remove it, empty its directory, and add it anew, see docs/membership.md.',
  );
}
