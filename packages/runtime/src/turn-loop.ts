import { inject, injectable } from 'inversify';
import { DurableWriter } from './durable-writer.ts';
import { FailStop } from './fail-stop.ts';
import { Outbox } from './outbox.ts';
import type { Scheduler } from './ports.ts';
import { tokens } from './tokens.ts';

/** Somebody with inputs to take in: a member of a group. */
export interface TurnTaker {
  takeTurn(): void;
}

/**
 * The host's consensus loop. All inputs that arrived during one turn of the event loop are decided together; their
 * durable events become one storage write for all groups, their messages one write for each peer. Batching comes from
 * the turn, not from timers.
 */
@injectable()
export class TurnLoop {
  readonly #scheduler: Scheduler;
  readonly #outbox: Outbox;
  readonly #writer: DurableWriter;
  readonly #failStop: FailStop;
  #waiting = new Set<TurnTaker>();
  readonly #takeTurns = () => this.#run();
  #scheduled = false;

  constructor(
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(Outbox) outbox: Outbox,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(FailStop) failStop: FailStop,
  ) {
    this.#scheduler = scheduler;
    this.#outbox = outbox;
    this.#writer = writer;
    this.#failStop = failStop;
  }

  /** Lets `taker` take a turn soon. */
  request(taker: TurnTaker): void {
    this.#waiting.add(taker);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#scheduler.nextTurn(this.#takeTurns);
  }

  #run(): void {
    this.#scheduled = false;
    if (this.#failStop.tripped) return;
    const takers = this.#waiting;
    this.#waiting = new Set();
    try {
      for (const taker of takers) taker.takeTurn();
      this.#outbox.flush();
      this.#writer.flush();
    } catch (error) {
      // What the turn decided is lost, so the member's memory is no longer what it told others: it must not go on.
      this.#failStop.trip(error);
    }
  }
}
