import type { RejectReason } from '@flotilla/core';
import type { Refused } from '@flotilla/state-machine';
import { type FailedOutcome, RuntimeError } from './runtime-error.ts';

const retry = 'Try again shortly, here or on another member.';

/** What to do where a disk is full. */
export const storageFullHint = 'Make room on the disk: commands are taken again as soon as there is some.';

/** The error for a call that consensus turned away. */
export function rejection(reason: RejectReason, outcome: FailedOutcome = 'not-applied'): RuntimeError {
  switch (reason) {
    case 'no_leader':
      return new RuntimeError('no_leader', outcome, 'the group has no leader that this member can reach', retry);
    case 'leadership_lost':
      return new RuntimeError('leadership_lost', outcome, 'the leader changed while the call was under way', lostHint[outcome]);
    case 'overloaded':
      return new RuntimeError('overloaded', outcome, 'too many calls are waiting', 'Slow down and try again.');
    case 'storage_full':
      return new RuntimeError('storage_full', outcome, 'the disk is full', storageFullHint);
  }
}

const lostHint: { readonly [K in FailedOutcome]: string } = {
  'not-applied': `Nothing was changed. ${retry}`,
  unknown: 'It may still be applied: read the state before you try again.',
};

/**
 * The error for a request that is in the log and came to nothing. Of a repetition it says nothing about the first try, but for
 * `reply_forgotten`, where that was applied.
 */
export function refusal({ code, message, hint }: Refused): RuntimeError {
  return new RuntimeError(code, code === 'reply_forgotten' ? 'unknown' : 'not-applied', message, hint);
}

/** The error for a call that the end of this member cut short; `reason` is why it failed, if it did. */
export function stopped(outcome: FailedOutcome, reason?: unknown): RuntimeError {
  if (reason === undefined) return new RuntimeError('stopped', outcome, 'this member is stopping', 'Use another member.');
  const hint = 'Use another member, and see the log of this one.';
  return new RuntimeError('member_failed', outcome, 'this member failed and is stopping', hint, { cause: reason });
}
