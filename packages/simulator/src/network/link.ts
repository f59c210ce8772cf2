import type { MemberId } from '@flotilla/core';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { Connection } from './connection.ts';
import type { NetworkFault } from './network-fault.ts';
import type { LinkQuality } from './network-profile.ts';

/**
 * The way from one member to another, in one direction, whoever lives there: how good it is right now, and everything about
 * it that is left to chance. What happens elsewhere does not change what is drawn here.
 */
export class Link implements LinkQuality {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly random: SeededRandom;
  readonly #calm: LinkQuality;
  readonly #connections = new Set<Connection>();
  cut = false;
  /** Nothing arrives, and nobody is told. */
  frozen = false;
  delayMs = 0;
  jitterMs = 0;
  bytesPerMs = Number.POSITIVE_INFINITY;
  loss = 0;
  duplication = 0;
  reordering = 0;

  constructor(from: MemberId, to: MemberId, random: SeededRandom, calm: LinkQuality) {
    this.from = from;
    this.to = to;
    this.random = random.fork(`link ${from} to ${to}`);
    this.#calm = calm;
  }

  /** Milliseconds that something takes which sets out now. */
  drawDelayMs(): number {
    return this.delayMs + this.random.exponential(this.jitterMs);
  }

  /** Applies the faults that there are now, and none of those that were before. */
  expose(faults: Iterable<NetworkFault>): void {
    const wasCut = this.cut;
    const wasFrozen = this.frozen;
    const carriedPerMs = this.bytesPerMs;
    this.cut = false;
    this.frozen = false;
    const { delayMs, jitterMs, bytesPerMs, loss, duplication, reordering } = this.#calm;
    Object.assign(this, { delayMs, jitterMs, bytesPerMs, loss, duplication, reordering });
    for (const fault of faults) if (fault.touches(this.from, this.to)) this.#suffer(fault);
    if (this.cut && !wasCut) this.reset();
    if (wasFrozen && !this.frozen) for (const connection of [...this.#connections]) connection.thaw();
    if (this.bytesPerMs > carriedPerMs) for (const connection of [...this.#connections]) connection.quicken();
  }

  /** Breaks what is connected. */
  reset(): void {
    for (const connection of [...this.#connections]) connection.break();
  }

  /** A connection begins. What a process that died left behind without a word ends here at last. */
  add(connection: Connection): void {
    for (const old of [...this.#connections]) if (!old.from.process.alive) old.end();
    this.#connections.add(connection);
  }

  delete(connection: Connection): void {
    this.#connections.delete(connection);
  }

  #suffer(fault: NetworkFault): void {
    switch (fault.kind) {
      case 'cut':
        this.cut = true;
        return;
      case 'frozen':
        this.frozen = true;
        return;
      case 'slow':
        this.delayMs += fault.delayMs;
        this.jitterMs += fault.jitterMs;
        this.bytesPerMs = Math.min(this.bytesPerMs, fault.bytesPerMs);
        return;
      case 'lossy':
        // The chances of two faults could exceed what is certain: the later one counts.
        this.loss = fault.loss;
        this.duplication = fault.duplication;
        this.reordering = fault.reordering;
    }
  }
}
