import type { Index, Term } from '@flotilla/core';
import { type CommittedRequest, decodeRequest, type Outcome, type SessionStamp } from '@flotilla/state-machine';
import type { AppliedEntries } from './observer.ts';

/** A command of a client that its machine has decided. */
export interface AppliedCommand {
  readonly index: Index;
  readonly term: Term;
  /** Log time in milliseconds. */
  readonly time: number;
  /** As `encodeCommand` wrote it. */
  readonly command: Uint8Array;
  readonly stamp: SessionStamp | null;
  readonly outcome: Outcome;
}

/**
 * Those of the entries in which a machine decided the command of a client: repetitions, refusals and what the group does for its
 * machine are left out. Only entries behind `after`.
 */
export function* appliedCommands({ requests, results }: AppliedEntries, after: Index = 0): Generator<AppliedCommand, void, void> {
  for (let i = 0; i < requests.length; i++) {
    const { index, term, time, payload } = requests[i] as CommittedRequest;
    const result = results[i];
    if (index <= after || result === undefined || result.index !== index || result.outcome.kind === 'refused') continue;
    const request = decodeRequest(payload);
    if (request.kind === 'command') yield { index, term, time, command: request.command, stamp: request.stamp, outcome: result.outcome };
  }
}
