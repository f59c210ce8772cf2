import { inject, injectable } from 'inversify';
import { ApplyLoop } from '../apply-loop.ts';
import { FailStop } from '../fail-stop.ts';
import { Member } from '../member.ts';
import type { Keeper } from './keeper.ts';
import { LogClock } from './log-clock.ts';
import { OutboxDriver } from './outbox-driver.ts';
import { StateComparer } from './state-comparer.ts';
import { VersionKeeper } from './version-keeper.ts';

/** Lets the keepers of a group look whenever something has changed. */
@injectable()
export class Housekeeping {
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  readonly #failStop: FailStop;
  readonly #keepers: readonly Keeper[];
  #stopped = false;

  constructor(
    @inject(Member) member: Member,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(FailStop) failStop: FailStop,
    @inject(StateComparer) comparer: StateComparer,
    @inject(VersionKeeper) versions: VersionKeeper,
    @inject(LogClock) clock: LogClock,
    @inject(OutboxDriver) outbox: OutboxDriver,
  ) {
    this.#member = member;
    this.#applyLoop = applyLoop;
    this.#failStop = failStop;
    // A member that has gone wrong finds that out first.
    this.#keepers = [comparer, versions, clock, outbox];
  }

  /** The member has loaded its log. A witness has no state to look after. */
  start(): void {
    if (this.#member.state.witness) return;
    const look = () => this.#failStop.guard(() => this.#look());
    this.#applyLoop.applied$.subscribe(look);
    this.#member.roleChanged$.subscribe(look);
  }

  stop(): void {
    this.#stopped = true;
    for (const keeper of this.#keepers) keeper.stop();
  }

  #look(): void {
    for (const keeper of this.#keepers) if (!this.#stopped) keeper.look();
  }
}
