import type { Index, MemberId } from '@flotilla/core';
import type { AppliedEntries, Observer } from '@flotilla/simulator';
import type { MachineEvent } from '@flotilla/state-machine';

/** An event and its place in the log. */
export interface RecordedEvent extends MachineEvent {
  readonly index: number;
  /** The place among the events of the same entry, from 0. */
  readonly ordinal: number;
  readonly term: number;
  /** Log time in milliseconds since 1970. */
  readonly time: number;
}

/** Every event of a cluster, once, in the order of the log, as soon as the first member has applied its entry. */
export class EventRecord implements Observer {
  readonly events: RecordedEvent[] = [];
  #lastIndex: Index = 0;

  onApplied(_member: MemberId, { requests, results }: AppliedEntries): void {
    for (const [i, { index, term, time }] of requests.entries()) {
      if (index <= this.#lastIndex) continue;
      this.#lastIndex = index;
      for (const [ordinal, event] of (results[i]?.events ?? []).entries()) this.events.push({ ...event, index, ordinal, term, time });
    }
  }
}
