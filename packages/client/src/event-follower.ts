import type { EventPlace, EventsOptions } from './channel.ts';
import { type ClientError, isClientError } from './client-error.ts';
import { pause } from './client-time.ts';
import type { Endpoints } from './endpoints.ts';
import type { FollowedEvent } from './followed-event.ts';
import type { MemberFinder } from './member-finder.ts';
import { networkError } from './network-error.ts';
import { backoffMs, type Settings } from './options.ts';
import { sseEvents } from './sse-events.ts';

export interface FollowOptions {
  /** The first log index of interest. Default: the oldest whose events are still there. */
  readonly from?: number;
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal;
}

/** How far a reader has come: the last event that it has, or where it wanted to start. */
interface Place {
  last: FollowedEvent | null;
  from: number | null;
}

/**
 * Every event from an index on, in order, none twice and none left out, whichever members come and go meanwhile: after a
 * disconnection it goes on behind the last event, on the next endpoint. Ends when the signal aborts. Throws a
 * {@link ClientError}, with code `journal_compacted` where the next event is no longer kept.
 */
export async function* followEvents(
  endpoints: Endpoints,
  finder: MemberFinder,
  settings: Settings,
  signal: AbortSignal,
  from: number | undefined,
): AsyncGenerator<FollowedEvent, void, void> {
  const place: Place = { last: null, from: from ?? null };
  for (let failures = 0; !signal.aborted; ) {
    const endpoint = endpoints.current;
    try {
      for await (const event of connection(endpoint, finder, settings, signal, place)) {
        failures = 0;
        if (!isAfter(event, place.last)) continue;
        place.last = event;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isClientError(error) || !isTransient(error)) throw error;
      if (error.status !== null) finder.heardFrom(endpoint, true);
    }
    endpoints.leave(endpoint);
    failures++;
    if (failures % endpoints.count === 0) await pause(settings.time, backoffMs(settings, failures / endpoints.count), signal);
  }
}

function isAfter(event: FollowedEvent, last: FollowedEvent | null): boolean {
  return last === null || event.index > last.index || (event.index === last.index && event.ordinal > last.ordinal);
}

function isTransient({ status, code }: ClientError): boolean {
  return (status === null || status === 421 || status >= 500) && code !== 'journal_compacted';
}

/** The events of one connection, which is given up where it falls silent. Ends where the server ends it; throws where it breaks. */
async function* connection(
  endpoint: string,
  finder: MemberFinder,
  settings: Settings,
  outer: AbortSignal,
  place: Place,
): AsyncGenerator<FollowedEvent, void, void> {
  const controller = new AbortController();
  const watch = () => settings.time.after(settings.idleTimeoutMs, () => controller.abort());
  let unwatch = watch();
  const options = {
    signal: AbortSignal.any([outer, controller.signal]),
    // Where the server chose the start, the next one must not choose a later one.
    onStart: (from: number) => {
      place.from ??= from;
    },
    onHeard: () => {
      unwatch();
      unwatch = watch();
      finder.heardFrom(endpoint);
    },
  };
  try {
    for await (const event of eventsOf(settings, endpoint, { from: place.from, after: place.last }, options)) {
      unwatch();
      yield event;
      unwatch = watch();
    }
  } catch (error) {
    throw isClientError(error) ? error : networkError(endpoint, error);
  } finally {
    unwatch();
    // Also where the reader stops early: nobody reads the connection any more.
    controller.abort();
  }
}

/** As the channel has them, otherwise over HTTP. */
function eventsOf({ channel, fetch }: Settings, endpoint: string, place: EventPlace, options: EventsOptions): AsyncIterable<FollowedEvent> {
  return channel.events?.(endpoint, place, options) ?? sseEvents(fetch, endpoint, place, options);
}
