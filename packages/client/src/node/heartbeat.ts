import type { ClientTime } from '../client-time.ts';

/** How long a connection may be silent before it is asked whether it lives, in milliseconds. */
const silenceMs = 10_000;
/** How long the answer may take, in milliseconds. */
const answerMs = 3000;

interface HeartbeatActions {
  /** Sends something that is answered. */
  readonly ping: () => void;
  readonly dead: () => void;
}

/** Finds out that a connection is dead although nobody closed it: after a power cut, or behind a cut network. */
export class Heartbeat {
  readonly #time: ClientTime;
  readonly #actions: HeartbeatActions;
  #heardAt: number;
  #pingedAt: number | null = null;
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(time: ClientTime, actions: HeartbeatActions) {
    this.#time = time;
    this.#actions = actions;
    this.#heardAt = time.now();
    this.#checkAfter(silenceMs);
  }

  heard(): void {
    this.#heardAt = this.#time.now();
  }

  /** Somebody has waited in vain for an answer to what was sent at `sentAt`: asks at once, unless anything was heard since. */
  suspect(sentAt: number): void {
    if (this.#isStopped || this.#heardAt > sentAt || this.#isWaiting) return;
    this.#cancel();
    this.#ask();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  get #isWaiting(): boolean {
    return this.#pingedAt !== null && this.#heardAt < this.#pingedAt;
  }

  #check(): void {
    const silentMs = this.#time.now() - this.#heardAt;
    if (this.#isWaiting) this.#actions.dead();
    else if (silentMs < silenceMs) this.#checkAfter(silenceMs - silentMs);
    else this.#ask();
  }

  #ask(): void {
    this.#pingedAt = this.#time.now();
    this.#actions.ping();
    this.#checkAfter(answerMs);
  }

  #checkAfter(delayMs: number): void {
    this.#cancel = this.#time.after(delayMs, () => this.#check(), true);
  }
}
