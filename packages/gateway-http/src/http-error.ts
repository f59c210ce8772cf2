import { FlotillaError } from '@flotilla/core';

export interface HttpErrorOptions {
  /** More members of the `error` object of the answer. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error that knows its HTTP status. The answer is `{ "error": { code, message, hint, …extra } }`. */
export class HttpError extends FlotillaError {
  readonly status: number;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, hint: string, options: HttpErrorOptions = {}) {
    super(code, message, hint, { cause: options.cause });
    this.name = 'HttpError';
    this.status = status;
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }
}

/** What a client can get wrong before any machine is asked. */
export type BadRequestCode =
  | 'bad_request'
  | 'invalid_call'
  | 'invalid_header'
  | 'invalid_input'
  | 'invalid_json'
  | 'invalid_msgpack'
  | 'invalid_path'
  | 'invalid_query'
  | 'unsupported_content_type';

/** A 400; `expected` says what would have been right. */
export function badRequest(code: BadRequestCode, message: string, expected: string, cause?: unknown): HttpError {
  return new HttpError(400, code, message, expected, { cause, extra: { outcome: 'not-applied' } });
}

/** Why a gateway takes nothing more right now. */
export type UnavailableCode = 'closing' | 'not_ready' | 'too_many_calls' | 'too_many_connections' | 'too_many_streams';

/** A 503 of the gateway itself, before the group was asked. */
export function unavailable(code: UnavailableCode, message: string, hint: string): HttpError {
  return new HttpError(503, code, message, hint, { extra: { outcome: 'not-applied' }, headers: { 'retry-after': '1' } });
}
