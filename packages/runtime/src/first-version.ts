import type { ReplicatedMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { Call, refusedAtOnce } from './call.ts';
import { Deadlines } from './deadlines.ts';
import type { CallOptions } from './group.ts';
import type { HostConfig } from './host-config.ts';
import type { Clock, Scheduler } from './ports.ts';
import { rejection, stopped } from './rejection.ts';
import { RuntimeError } from './runtime-error.ts';
import { tokens } from './tokens.ts';

/** A command that nobody has encoded yet. */
class HeldCall extends Call<void> {
  readonly fate = 'not-applied';

  override fail(code: 'timeout' | 'aborted'): void {
    const message = 'the members have not agreed yet on the version of the machine that their new group begins with';
    this.reject(new RuntimeError(code, this.fate, message, 'Nothing was changed: try again. Start the members that are down.'));
  }
}

/**
 * Holds commands back while the group has no version of its machine, if this program has several: the first command decides, and others
 * may have a program that cannot run the newest one. A program with one version has no choice, and loses no time.
 */
@injectable()
export class FirstVersion {
  readonly #machine: ReplicatedMachine;
  readonly #applyLoop: ApplyLoop;
  readonly #clock: Clock;
  readonly #callsMax: number;
  readonly #calls: Deadlines<Call<void>>;
  #isWatching = false;
  #stopped = false;

  constructor(
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.hostConfig) host: HostConfig,
  ) {
    this.#machine = machine;
    this.#applyLoop = applyLoop;
    this.#clock = clock;
    this.#callsMax = host.limits.pendingCommandsMax;
    this.#calls = new Deadlines(clock, scheduler);
  }

  /** Whether a command has to wait. */
  get isAwaited(): boolean {
    const { versions, service } = this.#machine;
    return service.activeVersion === null && versions.oldest < versions.newest;
  }

  /** Resolves once it is known. Rejects with a `RuntimeError` whose outcome is `not-applied`. */
  async known(options: CallOptions): Promise<void> {
    const refused = refusedAtOnce(this.#stopped, options);
    if (refused) throw refused;
    if (this.#calls.size >= this.#callsMax) throw rejection('overloaded');
    const { result } = new HeldCall(this.#calls, this.#clock, options);
    this.#watch();
    return result;
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#applyLoop.applied$.subscribe({
      next: () => {
        if (!this.isAwaited) for (const call of this.#calls.waiting()) call.resolve();
      },
      complete: () => {
        this.#stopped = true;
        for (const call of this.#calls.stop()) call.reject(stopped('not-applied'));
      },
    });
  }
}
