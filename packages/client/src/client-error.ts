import { FlotillaError } from '@flotilla/core';

/** What became of a command whose call failed: `not-applied` was never applied and never will be, `unknown` may be. */
export type CallOutcome = 'not-applied' | 'unknown';

/** Who leads, and where clients reach it. */
export interface LeaderAddress {
  readonly id: number;
  readonly clientAddress: string;
}

export interface ClientErrorOptions {
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  readonly leader?: LeaderAddress | null;
  readonly cause?: unknown;
}

/**
 * A call that failed. `code` is the server's, or one of the client's own: `unreachable`, `connection_lost`, `timeout`,
 * `aborted`, `closed`, `unexpected_answer`, `invalid_endpoint`.
 */
export class ClientError extends FlotillaError {
  readonly outcome: CallOutcome;
  /** The HTTP status, or null where there was no answer. */
  readonly status: number | null;
  /** With `not_leader`: whom to ask instead, where that is known. */
  readonly leader: LeaderAddress | null;

  constructor(code: string, outcome: CallOutcome, message: string, hint: string, options: ClientErrorOptions = {}) {
    super(code, message, hint, { cause: options.cause });
    this.name = 'ClientError';
    this.outcome = outcome;
    this.status = options.status ?? null;
    this.leader = options.leader ?? null;
  }
}

/** The machine refused the command; nothing changed. `code` is the machine's. */
export class CommandRejected extends ClientError {
  /** What the machine added, as JSON shows it. */
  readonly details: unknown;
  /** The log index of the refused command. */
  readonly index: number | null;

  constructor(
    code: string,
    message: string,
    hint: string,
    options: ClientErrorOptions & { readonly details: unknown; readonly index: number | null },
  ) {
    super(code, 'not-applied', message, hint, options);
    this.name = 'CommandRejected';
    this.details = options.details;
    this.index = options.index;
  }
}

/** Whether `error` is a {@link ClientError}, and if `code` is given, one with that code. */
export function isClientError(error: unknown, code?: string): error is ClientError {
  return error instanceof ClientError && (code === undefined || error.code === code);
}

/** Whether `error` is a {@link CommandRejected}, and if `code` is given, one with that code. */
export function isCommandRejected(error: unknown, code?: string): error is CommandRejected {
  return error instanceof CommandRejected && (code === undefined || error.code === code);
}
