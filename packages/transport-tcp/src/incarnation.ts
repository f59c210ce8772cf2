import type { MemberId } from '@flotilla/core';
import { protocolError, type WireReader } from '@flotilla/transport';
import { type Refusal, refusalFor } from './refusal-reason.ts';

/** What an incarnation may be: opaque, at most 64 printable ASCII characters; empty where a member keeps no data. */
export const incarnationPattern = /^[!-~]{0,64}$/;

/** Decides whether the data with which a member comes is still the data that it had; null, or why it is not let in. */
export type Admit = (peer: MemberId, incarnation: string) => string | null;

/** Whose data is trusted. */
export interface Trust {
  readonly admit: Admit;
  readonly seen: Seen;
}

/** The incarnation of its data that is remembered of a member; null for a stranger. */
export type Seen = (peer: MemberId) => string | null;

/** Asks `admit`, and where that refuses, what is remembered. Where it fails nobody knows whether the data is right, and the member has to wait. */
export function refusalByData({ admit, seen }: Trust, peer: MemberId, incarnation: string): Refusal | null {
  try {
    const why = admit(peer, incarnation);
    return why === null ? null : refusalFor('incarnation-refused', why, seen(peer));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return refusalFor('incarnation-refused', `the data of member ${peer} could not be checked: ${what}`);
  }
}

/** An incarnation off the wire. Throws `protocol_error` for what cannot be one. */
export function readIncarnation(reader: WireReader): string {
  const incarnation = reader.text();
  if (!incarnationPattern.test(incarnation))
    throw protocolError('an incarnation has more than 64 characters, or others than printable ASCII');
  return incarnation;
}
