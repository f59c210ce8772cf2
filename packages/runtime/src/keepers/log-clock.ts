import type { ReplicatedMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { FailStop } from '../fail-stop.ts';
import type { Clock, Scheduler } from '../ports.ts';
import { Proposer } from '../proposer.ts';
import { tokens } from '../tokens.ts';
import { GroupView } from './group-view.ts';
import type { Keeper } from './keeper.ts';
import { RequestLane } from './request-lane.ts';

/** Somebody may set the wall clock: it is looked at again after so many milliseconds. */
const lookAgainMs = 60_000;

/**
 * Lets log time pass where nobody else does: the leader proposes an entry that carries nothing but its time once something is due,
 * a timer of the machine or the end of a session. As long as nothing is, it costs nothing.
 */
@injectable()
export class LogClock implements Keeper {
  readonly #machine: ReplicatedMachine;
  readonly #view: GroupView;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #failStop: FailStop;
  readonly #lane: RequestLane;
  #alarm: { readonly dueAt: number; readonly cancel: () => void } | null = null;

  constructor(
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(GroupView) view: GroupView,
    @inject(Proposer) proposer: Proposer,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(FailStop) failStop: FailStop,
  ) {
    this.#machine = machine;
    this.#view = view;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#failStop = failStop;
    this.#lane = new RequestLane(proposer, scheduler, failStop, 0, () => this.look());
  }

  look(): void {
    const dueAt = this.#view.leadingTerm === null ? null : this.#machine.service.dueAt;
    if (this.#alarm?.dueAt === dueAt) return;
    this.#disarm();
    if (dueAt === null || !this.#lane.isFree) return;
    // Something is in the log already that carries the time: whatever is due fires with that.
    if (this.#view.logTime >= dueAt && this.#view.isBehind) return;
    // The leader stamps what it appends with its wall clock, but never goes back behind the log.
    const delayMs = dueAt - Math.max(this.#clock.wallTime(), this.#view.logTime);
    if (delayMs <= 0) return this.#lane.propose({ kind: 'clock' });
    const cancel = this.#scheduler.after(Math.min(delayMs, lookAgainMs), () => this.#ring());
    this.#alarm = { dueAt, cancel };
  }

  stop(): void {
    this.#disarm();
    this.#lane.stop();
  }

  #ring(): void {
    this.#alarm = null;
    this.#failStop.guard(() => this.look());
  }

  #disarm(): void {
    this.#alarm?.cancel();
    this.#alarm = null;
  }
}
