import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventBatch } from '@flotilla/runtime';
import { encodeValue, type MachineEvent } from '@flotilla/state-machine';
import { errorBody, httpErrorOf } from './error-table.ts';
import { eventId } from './event-position.ts';
import { jsonValue } from './json-value.ts';

/** How the `data:` of an event is written: JSON for reading, or base64 of MessagePack, which loses nothing. */
export type EventEncoding = 'json' | 'msgpack';

export interface EventStreamOptions {
  readonly encoding: EventEncoding;
  /** The number of events of the first entry to leave out. */
  readonly skip: number;
  /** How often to write a comment while nothing happens, in milliseconds. */
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
  /** Hears of an error that is this member's fault and not the client's. */
  readonly reportError: (error: unknown) => void;
}

/**
 * Writes events as server-sent events (WHATWG HTML, section 9.2) until the signal aborts or the source ends. Takes the next
 * event from the source only when the socket has taken the last one.
 */
export async function writeEventStream(
  response: ServerResponse,
  batches: AsyncIterable<EventBatch>,
  { encoding, skip, heartbeatMs, signal, reportError }: EventStreamOptions,
): Promise<void> {
  const heartbeat = setInterval(() => {
    // A socket that still has something to send needs no sign of life, and must not collect them either.
    if (!response.writableNeedDrain && !response.destroyed) response.write(':\n\n');
  }, heartbeatMs);
  try {
    let first = true;
    for await (const batch of batches) {
      const seen = first ? skip : 0;
      first = false;
      for (const [ordinal, event] of batch.events.entries()) {
        if (ordinal < seen) continue;
        await write(response, eventMessage(batch, ordinal, event, encoding), signal);
        heartbeat.refresh();
      }
      if (signal.aborted) return;
    }
  } catch (error) {
    if (signal.aborted) return;
    const httpError = httpErrorOf(error);
    if (httpError.status === 500) reportError(error);
    // The status line is long gone, so the error travels as the last event.
    response.write(`event: flotilla-error\ndata: ${JSON.stringify(errorBody(httpError))}\n\n`);
  } finally {
    clearInterval(heartbeat);
  }
}

function eventMessage({ index, term, time }: EventBatch, ordinal: number, { type, data }: MachineEvent, encoding: EventEncoding): string {
  const message = { index, ordinal, term, time, type, data };
  const encoded = encoding === 'json' ? JSON.stringify(jsonValue(message)) : toBase64(encodeValue(message, 'machine_defect'));
  // A line break would end the field; `data` has the type as it is.
  const name = type.replaceAll(/[\r\n\0]/g, ' ');
  return `id: ${eventId(index, ordinal)}\nevent: ${name}\ndata: ${encoded}\n\n`;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

async function write(response: ServerResponse, message: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(message)) await once(response, 'drain', { signal });
}
