import { isRecord } from './answer.ts';
import { ClientError } from './client-error.ts';
import type { FollowedEvent } from './followed-event.ts';

/** What a member sent as an event. Throws `unexpected_answer` for what is none. */
export function eventOf(message: unknown): FollowedEvent {
  if (!isRecord(message) || typeof message.index !== 'number' || typeof message.ordinal !== 'number') throw unexpectedStream();
  return message as unknown as FollowedEvent;
}

/** What cannot be read will not read better on another connection, so this is no failure of the network. */
export function understood(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    throw unexpectedStream(cause);
  }
}

export function unexpectedStream(cause?: unknown): ClientError {
  return new ClientError('unexpected_answer', 'not-applied', 'this is no stream of events', 'Check the endpoint.', { status: 200, cause });
}
