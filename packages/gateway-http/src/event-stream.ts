import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { encodeValue } from '@flotilla/state-machine';
import { errorBody, httpErrorOf } from './error-table.ts';
import { eventId } from './event-position.ts';
import type { OpenStream, PlacedEvent } from './event-streams.ts';
import { jsonValue } from './json-value.ts';

/** How the `data:` of an event is written: JSON for reading, or base64 of MessagePack, which loses nothing. */
export type EventEncoding = 'json' | 'msgpack';

export interface EventStreamOptions {
  readonly encoding: EventEncoding;
  /** How often to write a comment while nothing happens, in milliseconds. */
  readonly heartbeatMs: number;
  /** Hears of an error that is this member's fault and not the client's. */
  readonly reportError: (error: unknown) => void;
}

/**
 * Writes events as server-sent events (WHATWG HTML, section 9.2) until the stream ends. Takes the next event only when the socket has
 * taken the last one.
 */
export async function writeEventStream(
  response: ServerResponse,
  { events, signal }: OpenStream,
  { encoding, heartbeatMs, reportError }: EventStreamOptions,
): Promise<void> {
  const heartbeat = setInterval(() => {
    // A socket that still has something to send needs no sign of life, and must not collect them either.
    if (!response.writableNeedDrain && !response.destroyed) response.write(':\n\n');
  }, heartbeatMs);
  try {
    for await (const event of events) {
      await write(response, eventMessage(event, encoding), signal);
      heartbeat.refresh();
    }
  } catch (error) {
    if (signal.aborted) return;
    const httpError = httpErrorOf(error);
    if (httpError.status === 500) reportError(error);
    // The status line is long gone, so the error travels as the last event.
    response.write(`event: flotilla-error\ndata: ${errorBody(httpError)}\n\n`);
  } finally {
    clearInterval(heartbeat);
  }
}

function eventMessage(event: PlacedEvent, encoding: EventEncoding): string {
  const encoded = encoding === 'json' ? JSON.stringify(jsonValue(event)) : toBase64(encodeValue(event, 'machine_defect'));
  // A line break would end the field; `data` has the type as it is.
  const name = event.type.replaceAll(/[\r\n\0]/g, ' ');
  return `id: ${eventId(event.index, event.ordinal)}\nevent: ${name}\ndata: ${encoded}\n\n`;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

async function write(response: ServerResponse, message: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(message)) await once(response, 'drain', { signal });
}
