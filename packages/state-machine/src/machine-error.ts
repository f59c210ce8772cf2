import { FlotillaError, isFlotillaError } from '@flotilla/core';

export type MachineErrorCode =
  | 'unknown_command'
  | 'unknown_query'
  | 'invalid_input'
  | 'malformed_payload'
  | 'machine_defect'
  /** A handler asked for what differs from replica to replica: it would diverge, so the member stops. */
  | 'nondeterministic';

/** One thing that is wrong with an input. */
export interface InputIssue {
  /** Where, such as `items[0].name`; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
}

/** An error of a machine or its codec, told apart by its `code`. */
export class MachineError extends FlotillaError {
  declare readonly code: MachineErrorCode;
  /** What is wrong with the input, for `invalid_input`; otherwise empty. */
  readonly issues: readonly InputIssue[];

  constructor(
    code: MachineErrorCode,
    message: string,
    hint: string,
    options?: { readonly cause?: unknown; readonly issues?: readonly InputIssue[] },
  ) {
    super(code, message, hint, options);
    this.name = 'MachineError';
    this.issues = options?.issues ?? [];
  }
}

/** Whether `error` is a {@link MachineError}, and if `code` is given, one with that code. */
export function isMachineError(error: unknown, code?: MachineErrorCode): error is MachineError {
  return isFlotillaError(error, code) && error.name === 'MachineError';
}

/** A `nondeterministic` error is never a rejection: with it the member has to stop, rather than differ from others. */
export function passOnNondeterminism(error: unknown): void {
  if (isMachineError(error, 'nondeterministic')) throw error;
}
