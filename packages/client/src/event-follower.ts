import { decodeValue } from '@flotilla/state-machine';
import { errorOf, isRecord } from './answer.ts';
import { ClientError, isClientError } from './client-error.ts';
import { pause } from './client-time.ts';
import type { Endpoints } from './endpoints.ts';
import type { MemberFinder } from './member-finder.ts';
import { networkError } from './network-error.ts';
import { backoffMs, type Settings } from './options.ts';
import { type SseMessage, sseParser } from './sse-parser.ts';

/** An event and its place in the log. */
export interface FollowedEvent {
  readonly index: number;
  /** The place among the events of the same entry, from 0. */
  readonly ordinal: number;
  readonly term: number;
  /** Log time in milliseconds since 1970. */
  readonly time: number;
  readonly type: string;
  readonly data: unknown;
}

export interface FollowOptions {
  /** The first log index of interest. Default: the oldest whose events are still there. */
  readonly from?: number;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
}

/** How far a reader has come: the last event that it has, or where it wanted to start. */
interface Place {
  last: FollowedEvent | null;
  from: number | undefined;
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
  const place: Place = { last: null, from };
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

/** The events of one connection. Ends where the server ends it; throws where it breaks. */
async function* connection(
  endpoint: string,
  finder: MemberFinder,
  settings: Settings,
  outer: AbortSignal,
  place: Place,
): AsyncGenerator<FollowedEvent, void, void> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const watch = () => settings.time.after(settings.idleTimeoutMs, () => controller.abort());
  let unwatch = watch();
  try {
    const reader = (await open(endpoint, settings, signal, place)).getReader();
    const decoder = new TextDecoder();
    const parse = sseParser();
    for (;;) {
      const { done, value } = await reader.read();
      unwatch();
      if (done) return;
      finder.heardFrom(endpoint);
      for (const message of parse(decoder.decode(value, { stream: true }))) yield eventOf(message);
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

async function open(endpoint: string, { fetch }: Settings, signal: AbortSignal, place: Place): Promise<ReadableStream<Uint8Array>> {
  const from = place.from === undefined ? '' : `&from=${place.from}`;
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (place.last !== null) headers['last-event-id'] = `${place.last.index}-${place.last.ordinal}`;
  const response = await fetch(`${endpoint}/v1/events?encoding=msgpack${from}`, { headers, signal });
  if (!response.ok) throw await errorOf(response);
  if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) throw unexpected();
  // Where the server chose the start, the next one must not choose a later one.
  const startedFrom = Number(response.headers.get('flotilla-events-from'));
  if (place.from === undefined && startedFrom > 0) place.from = startedFrom;
  return response.body;
}

function eventOf({ event, data }: SseMessage): FollowedEvent {
  if (event === 'flotilla-error') throw streamError(data);
  const message = understood(() => decodeValue(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))));
  if (!isRecord(message) || typeof message.index !== 'number' || typeof message.ordinal !== 'number') throw unexpected();
  return message as unknown as FollowedEvent;
}

/** A stream that has begun can report an error only as a message. */
function streamError(data: string): ClientError {
  const body = understood(() => JSON.parse(data));
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  return new ClientError(String(error.code), 'not-applied', String(error.message), String(error.hint));
}

/** What cannot be read will not read better on another connection, so this is no failure of the network. */
function understood(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    throw unexpected(cause);
  }
}

function unexpected(cause?: unknown): ClientError {
  return new ClientError('unexpected_answer', 'not-applied', 'this is no stream of events', 'Check the endpoint.', { status: 200, cause });
}
