import type { Link } from './link.ts';
import type { NetworkContext } from './network-context.ts';

/** Losses in a row after which a connection gets through: the next pause would outlast the liveness timeout. */
const retransmissionsMax = 4;

/**
 * What is on its way over one connection. It arrives in the order in which it was put in, whatever is drawn: each arrival
 * takes what is first, so that not even the rounding of times can change the order.
 */
export class Pipe {
  readonly #context: NetworkContext;
  readonly #link: Link;
  readonly #flight: (() => void)[] = [];
  /** Arrivals that were due while the link was frozen. */
  #stalled = 0;
  #lastArrival = 0;
  /** When everything has left that was put in so far, where the link bounds how much leaves in a millisecond. */
  #allSentAt = 0;
  #closed = false;
  /** Lands what is first. Replaced where everything is to land at another time than it was put in for. */
  #land: () => void;

  constructor(context: NetworkContext, link: Link) {
    this.#context = context;
    this.#link = link;
    this.#land = this.#newLanding();
  }

  /** Lets `arrive` run at the other end, behind everything that was put in before. */
  put(bytes: number, arrive: () => void): void {
    const { world } = this.#context;
    const at = world.now + this.#sendingMs(bytes) + this.#link.drawDelayMs() + this.#resendingMs();
    if (at > this.#lastArrival) this.#lastArrival = at;
    this.#flight.push(arrive);
    world.after(this.#lastArrival - world.now, this.#land);
  }

  /** Lets `arrive` run at the other end, in no order, unless it gets lost with the connection or in a frozen link. */
  putAside(delayMs: number, arrive: () => void, lost: () => void): void {
    this.#context.world.after(this.#link.drawDelayMs() + delayMs, () => {
      if (this.#closed) return;
      if (this.#link.frozen) lost();
      else arrive();
    });
  }

  /** What waited for the end of a frost arrives, a way later. */
  thaw(): void {
    const stalled = this.#stalled;
    if (stalled === 0) return;
    this.#stalled = 0;
    const delayMs = this.#link.drawDelayMs();
    for (let i = 0; i < stalled; i++) this.#context.world.after(delayMs, this.#land);
    this.#lastArrival = Math.max(this.#lastArrival, this.#context.world.now + delayMs);
  }

  /** The link carries more than before: what has piled up in front of it comes through. */
  quicken(): void {
    if (this.#flight.length === 0) return;
    const { world } = this.#context;
    const delayMs = this.#link.drawDelayMs();
    this.#land = this.#newLanding();
    this.#stalled = 0;
    this.#allSentAt = world.now;
    this.#lastArrival = world.now + delayMs;
    for (let i = 0; i < this.#flight.length; i++) world.after(delayMs, this.#land);
  }

  #newLanding(): () => void {
    const landing = () => {
      if (this.#closed || this.#land !== landing) return;
      if (this.#link.frozen) this.#stalled++;
      else this.#flight.shift()?.();
    };
    return landing;
  }

  /** Loses everything that is on its way. */
  close(): void {
    this.#closed = true;
    this.#flight.length = 0;
  }

  /** How long it takes until these bytes have left, behind all others. */
  #sendingMs(bytes: number): number {
    const { bytesPerMs } = this.#link;
    if (bytesPerMs === Number.POSITIVE_INFINITY) return 0;
    const { now } = this.#context.world;
    this.#allSentAt = Math.max(this.#allSentAt, now) + bytes / bytesPerMs;
    return this.#allSentAt - now;
  }

  #resendingMs(): number {
    const { loss, random } = this.#link;
    const { profile, counts } = this.#context;
    if (loss === 0 || profile.datagrams) return 0;
    let lateMs = 0;
    for (let i = 0; i < retransmissionsMax && random.chance(loss); i++) {
      lateMs += profile.retransmitMs * 2 ** i;
      counts.retransmitted++;
    }
    return lateMs;
  }
}
