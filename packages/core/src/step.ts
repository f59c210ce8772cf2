import type { Effect } from './effect.ts';
import type { Entry, MemberId } from './entry.ts';
import { type DurableEvent, isDurable, type RaftEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Timed } from './input.ts';
import type { Message, Outbound } from './message.ts';
import type { LogBase } from './snapshot.ts';
import { hardStateOf, type RaftState } from './state.ts';

/** What a member makes of one input. `state` is the fold of `events` over the state before. */
export interface Decision {
  readonly state: RaftState;
  readonly events: readonly RaftEvent[];
  readonly effects: readonly Effect[];
}

/**
 * One decision while it is being made: rules look at `state`, record events, ask for effects.
 *
 * It is the only mutable thing in the core, lives for one call of `decide`, and is never seen outside.
 */
export class Step {
  state: RaftState;
  readonly time: Timed;
  readonly #events: RaftEvent[] = [];
  readonly #effects: Effect[] = [];
  readonly #durable: DurableEvent[] = [];
  readonly #promises: Outbound[] = [];

  constructor(state: RaftState, time: Timed) {
    this.state = state;
    this.time = time;
  }

  record(event: RaftEvent): void {
    this.state = evolve(this.state, event);
    this.#events.push(event);
    if (isDurable(event)) this.#durable.push(event);
  }

  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Sends a message that is true whatever this member's disk holds. */
  send(to: MemberId, message: Message): void {
    this.#effects.push({ kind: 'send', to, message });
  }

  /** Sends a message once everything that was decided so far, in this step or before, is on disk. */
  promise(to: MemberId, message: Message): void {
    this.#promises.push({ to, message });
  }

  finish(): Decision {
    if (this.#durable.length > 0 || (this.#promises.length > 0 && this.state.pendingWrites.length > 0)) this.#persist();
    else for (const { to, message } of this.#promises) this.send(to, message);
    return { state: this.state, events: this.#events, effects: this.#effects };
  }

  #persist(): void {
    const sequence = this.state.nextWriteSequence;
    this.record({ kind: 'write-issued', sequence, at: this.time.now });
    let hardStateChanged = false;
    let base: LogBase | null = null;
    let truncateAfter: number | null = null;
    let entries: readonly Entry[] = [];
    for (const event of this.#durable) {
      switch (event.kind) {
        case 'term-advanced':
        case 'vote-cast':
        case 'recovered':
          hardStateChanged = true;
          break;
        case 'log-compacted':
          base = event.base;
          break;
        case 'snapshot-installed': {
          const { index, term, time, membership } = event.snapshot;
          base = { index, term, time, membership };
          break;
        }
        case 'log-truncated':
          truncateAfter = event.after;
          break;
        case 'entries-appended':
          entries = entries.length === 0 ? event.entries : [...entries, ...event.entries];
          break;
      }
    }
    const hardState = hardStateChanged ? hardStateOf(this.state) : null;
    // First in the list: whoever carries out the effects must have the entries before it is told to replicate them.
    this.#effects.unshift({ kind: 'persist', sequence, hardState, base, truncateAfter, entries, promises: this.#promises });
  }
}
