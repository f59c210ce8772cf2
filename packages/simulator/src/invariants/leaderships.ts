import type { LogShape, MemberId, Term } from '@flotilla/core';

/** Who leads a term, and the log that it led it with, as far as it came. */
export interface Leadership {
  readonly member: MemberId;
  log: LogShape;
}

/** How many leaderships stay known, the latest ones. */
const leadershipsMax = 1024;

/** Who led which term. */
export class Leaderships {
  readonly #byTerm = new Map<Term, Leadership>();
  #highest: Term = 0;
  #oldest: Term = 0;

  /** The highest term that anybody has led. */
  get highestTerm(): Term {
    return this.#highest;
  }

  /** All leaderships from this term on are known. */
  get oldestTerm(): Term {
    return this.#oldest;
  }

  of(term: Term): Leadership | undefined {
    return this.#byTerm.get(term);
  }

  /** All that are known, in the order in which they began. */
  all(): Iterable<readonly [Term, Leadership]> {
    return this.#byTerm;
  }

  begin(term: Term, leadership: Leadership): void {
    this.#byTerm.set(term, leadership);
    this.#highest = Math.max(this.#highest, term);
    if (this.#byTerm.size <= leadershipsMax) return;
    const forgotten = Math.min(...this.#byTerm.keys());
    this.#byTerm.delete(forgotten);
    this.#oldest = forgotten + 1;
  }
}
