import type { MemberId } from '@flotilla/core';
import { type Refusal, refusalFor } from './refusal-reason.ts';

/** What an incarnation may be: opaque, at most 64 printable ASCII characters; empty where a member keeps no data. */
export const incarnationPattern = /^[!-~]{0,64}$/;

/** Decides whether the data with which a member comes is still the data that it had; null, or why it is not let in. */
export type Admit = (peer: MemberId, incarnation: string) => string | null;

/** Asks `admit`. Where it fails nobody knows whether the data is right, and the member has to wait. */
export function refusalByData(admit: Admit, peer: MemberId, incarnation: string): Refusal | null {
  try {
    const why = admit(peer, incarnation);
    return why === null ? null : refusalFor('incarnation-refused', why);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return refusalFor('incarnation-refused', `the data of member ${peer} could not be checked: ${what}`);
  }
}
