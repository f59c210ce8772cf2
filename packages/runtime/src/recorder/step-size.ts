import type { Entry, Input, RaftEvent } from '@flotilla/core';
import type { RaftStep } from '../raft-step.ts';

/** What a step, an event or an entry takes in memory besides payloads, in bytes: roughly, and rather too much. */
const flatBytes = 128;

/**
 * The memory that a step holds on to, in bytes. The payloads that came in are the same arrays as those that were
 * appended, so the larger sum counts.
 */
export function stepBytes({ input, events }: RaftStep): number {
  let appended = 0;
  for (const event of events) appended += eventBytes(event);
  return flatBytes * (1 + events.length) + Math.max(inputBytes(input), appended);
}

function inputBytes(input: Input): number {
  if (input.kind === 'proposed') return payloadBytes(input.payloads);
  if (input.kind !== 'received') return 0;
  const { message } = input;
  if (message.kind === 'append') return entryBytes(message.entries);
  if (message.kind === 'propose') return payloadBytes(message.payloads);
  return message.kind === 'snapshot-chunk' ? message.bytes.length : 0;
}

function eventBytes(event: RaftEvent): number {
  if (event.kind === 'entries-appended') return entryBytes(event.entries);
  return event.kind === 'proposal-paused' ? payloadBytes(event.proposal.payloads) : 0;
}

function entryBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { payload } of entries) bytes += flatBytes + payload.length;
  return bytes;
}

function payloadBytes(payloads: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of payloads) bytes += flatBytes + length;
  return bytes;
}
