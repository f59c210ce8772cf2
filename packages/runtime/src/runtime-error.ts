import { FlotillaError, type MembershipRefusal, type TransferRefusal } from '@flotilla/core';
import type { RefusalCode } from '@flotilla/state-machine';

export type RuntimeErrorCode =
  | 'no_leader'
  | 'leadership_lost'
  | 'overloaded'
  | 'storage_full'
  | 'timeout'
  | 'aborted'
  | 'stopped'
  | 'payload_too_large'
  | 'member_failed'
  /** This member cannot serve: it waits to be added, was removed, or keeps no state. */
  | 'not_a_member'
  | 'member_removed'
  | 'member_is_witness'
  /** This member's state is not the group's. */
  | 'state_diverged'
  | 'no_snapshot_store'
  | 'nothing_to_snapshot'
  | RefusalCode
  | MembershipRefusal
  | TransferRefusal;

/**
 * What became of a command whose call failed: `not-applied` was never and will never be applied, a retry is safe;
 * `unknown` may still be applied.
 */
export type FailedOutcome = 'not-applied' | 'unknown';

/** An error of a running host, told apart by its `code`. */
export class RuntimeError extends FlotillaError {
  declare readonly code: RuntimeErrorCode;
  readonly outcome: FailedOutcome;

  constructor(code: RuntimeErrorCode, outcome: FailedOutcome, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(code, message, hint, options);
    this.name = 'RuntimeError';
    this.outcome = outcome;
  }
}

/** Whether `error` is a {@link RuntimeError}, and if `code` is given, one with that code. */
export function isRuntimeError(error: unknown, code?: RuntimeErrorCode): error is RuntimeError {
  return error instanceof RuntimeError && (code === undefined || error.code === code);
}
