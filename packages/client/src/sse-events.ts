import { decodeValue } from '@flotilla/state-machine';
import { errorOf, isRecord } from './answer.ts';
import type { EventPlace, EventsOptions } from './channel.ts';
import { ClientError } from './client-error.ts';
import { eventOf, understood, unexpectedStream } from './event-content.ts';
import type { FollowedEvent } from './followed-event.ts';
import { type SseMessage, sseParser } from './sse-parser.ts';

/** The events of one connection over HTTP, as server-sent events. Ends where the server ends it; throws where it breaks. */
export async function* sseEvents(
  fetch: typeof globalThis.fetch,
  endpoint: string,
  place: EventPlace,
  { signal, onStart, onHeard }: EventsOptions,
): AsyncGenerator<FollowedEvent, void, void> {
  const reader = (await open(fetch, endpoint, place, signal, onStart)).getReader();
  const decoder = new TextDecoder();
  const parse = sseParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onHeard();
    for (const message of parse(decoder.decode(value, { stream: true }))) yield eventOfMessage(message);
  }
}

async function open(
  fetch: typeof globalThis.fetch,
  endpoint: string,
  { from, after }: EventPlace,
  signal: AbortSignal,
  onStart: (from: number) => void,
): Promise<ReadableStream<Uint8Array>> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (after !== null) headers['last-event-id'] = `${after.index}-${after.ordinal}`;
  const response = await fetch(`${endpoint}/v1/events?encoding=msgpack${from === null ? '' : `&from=${from}`}`, { headers, signal });
  if (!response.ok) throw await errorOf(response);
  if (response.body === null || response.headers.get('content-type')?.startsWith('text/event-stream') !== true) throw unexpectedStream();
  const startedFrom = Number(response.headers.get('flotilla-events-from'));
  if (startedFrom > 0) onStart(startedFrom);
  return response.body;
}

function eventOfMessage({ event, data }: SseMessage): FollowedEvent {
  if (event === 'flotilla-error') throw streamError(data);
  return eventOf(understood(() => decodeValue(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)))));
}

/** A stream that has begun can report an error only as a message. */
function streamError(data: string): ClientError {
  const body = understood(() => JSON.parse(data));
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  return new ClientError(String(error.code), 'not-applied', String(error.message), String(error.hint));
}
