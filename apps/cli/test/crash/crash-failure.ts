import { FlotillaError } from '@flotilla/core';

export type CrashFailureCode =
  | 'member_ended'
  | 'member_does_not_start'
  | 'no_progress'
  | 'acknowledged_write_lost'
  | 'refused_write_applied'
  | 'log_order_broken'
  | 'stale_read'
  | 'members_differ'
  | 'not_linearizable';

/** What must not happen, whoever is killed when; told apart by its `code`. */
export class CrashFailure extends FlotillaError {
  declare readonly code: CrashFailureCode;

  constructor(code: CrashFailureCode, message: string, options?: { readonly cause?: unknown }) {
    super(code, message, 'The directories of the members, what they printed and the history were kept: look there.', options);
    this.name = 'CrashFailure';
  }
}
