import type { Index } from '@flotilla/core';
import type { EventBatch, Group } from '@flotilla/runtime';
import type { EventPosition } from './event-position.ts';
import { HttpError, unavailable } from './http-error.ts';
import { assertInsider, outsiderReason } from './outsider.ts';

/** An event with its place in the log, as every protocol shows it. */
export interface PlacedEvent {
  readonly index: Index;
  /** Counts the events of an entry from 0 on. */
  readonly ordinal: number;
  readonly term: number;
  /** Log time in milliseconds since 1970. */
  readonly time: number;
  readonly type: string;
  readonly data: unknown;
}

/** A stream of events that a reader follows. */
export interface OpenStream {
  readonly from: Index;
  /** Aborts when the stream ends, whoever ends it. */
  readonly signal: AbortSignal;
  /** The next event is only taken from the journal when it is asked for. */
  readonly events: AsyncIterable<PlacedEvent>;
  close(): void;
}

export interface EventStreamsOptions {
  /** How many streams may be open at once. */
  readonly streamsMax: number;
  /** How often to look whether this member still belongs to its group, in milliseconds. */
  readonly heartbeatMs: number;
  /** Aborts when the gateway closes. */
  readonly closing: AbortSignal;
}

/** The event streams of a gateway, over all protocols. */
export class EventStreams {
  readonly #group: Group;
  readonly #options: EventStreamsOptions;
  #open = 0;

  constructor(group: Group, options: EventStreamsOptions) {
    this.#group = group;
    this.#options = options;
  }

  /**
   * Opens a stream from a position on; from the journal's start where it is null. Throws what the reader has to be told where there is
   * none. Whoever opens a stream closes it.
   */
  open(position: EventPosition | null, reader: AbortSignal): OpenStream {
    const group = this.#group;
    const { streamsMax, heartbeatMs, closing } = this.#options;
    assertInsider(group);
    const { from, skip } = position ?? { from: group.journalStart(), skip: 0 };
    if (from < group.journalStart()) throw compacted(from, group.journalStart());
    if (this.#open >= streamsMax) throw tooManyStreams(streamsMax);
    this.#open++;
    const ended = new AbortController();
    // Nothing ever happens here again once the member is removed: the reader shall go on elsewhere.
    const watch = setInterval(() => outsiderReason(group.status().standing) !== null && ended.abort(), heartbeatMs);
    const signal = AbortSignal.any([closing, reader, ended.signal]);
    const close = () => {
      clearInterval(watch);
      ended.abort();
      this.#open--;
    };
    return { from, signal, events: placed(group.events({ from, signal }), skip), close };
  }
}

async function* placed(batches: AsyncIterable<EventBatch>, skip: number): AsyncGenerator<PlacedEvent, void, void> {
  let seen = skip;
  for await (const { index, term, time, events } of batches) {
    for (const [ordinal, { type, data }] of events.entries()) {
      if (ordinal >= seen) yield { index, ordinal, term, time, type, data };
    }
    seen = 0;
  }
}

function compacted(from: Index, journalStart: Index): HttpError {
  return new HttpError(
    410,
    'journal_compacted',
    `the events of entry ${from} are no longer in the journal`,
    `The first entry whose events are available is ${journalStart}: read the state, then follow from there.`,
    { extra: { journalStart } },
  );
}

function tooManyStreams(streamsMax: number): HttpError {
  return unavailable('too_many_streams', `${streamsMax} event streams are open, which is the limit`, 'Close one, or use another member.');
}
