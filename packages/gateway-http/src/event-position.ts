import type { Index } from '@flotilla/core';
import { badRequest } from './http-error.ts';
import { integerParameter } from './query-string.ts';

/** Where a stream of events starts. */
export interface EventPosition {
  readonly from: Index;
  /** The number of events of entry `from` that the reader has already. */
  readonly skip: number;
}

/** The id of an event: `<index>-<ordinal>`, ordinals counting from 0 within an entry. */
export function eventId(index: Index, ordinal: number): string {
  return `${index}-${ordinal}`;
}

/**
 * `Last-Event-ID` goes before `?from`: a browser repeats the URL when it reconnects. An id without an ordinal means that the
 * whole entry was seen. Null where neither is given.
 */
export function eventPosition(lastEventId: string | undefined, parameters: ReadonlyMap<string, string>): EventPosition | null {
  const from = integerParameter(parameters, 'from', { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (lastEventId !== undefined && lastEventId !== '') return afterEvent(lastEventId);
  return from === undefined ? null : { from: Math.max(from, 1), skip: 0 };
}

function afterEvent(id: string): EventPosition {
  const [, index, ordinal] = /^(\d{1,15})(?:-(\d{1,9}))?$/.exec(id) ?? [];
  if (index === undefined)
    throw badRequest(
      'invalid_header',
      `"${id}" is no Last-Event-ID of this stream`,
      'Send back the id of the last event, "<index>-<ordinal>".',
    );
  return ordinal === undefined ? { from: Number(index) + 1, skip: 0 } : { from: Number(index), skip: Number(ordinal) + 1 };
}
