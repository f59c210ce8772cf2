import { isFlotillaError } from '@flotilla/core';
import { type Applied, isRuntimeError, type RuntimeErrorCode } from '@flotilla/runtime';
import { isMachineError, type MachineErrorCode, type Rejected } from '@flotilla/state-machine';
import { badRequest, HttpError } from './http-error.ts';
import { jsonValue } from './json-value.ts';
import { refusalStatus } from './membership-refusal.ts';

const runtimeStatus: { readonly [Code in RuntimeErrorCode]: number } = {
  ...refusalStatus,
  no_leader: 503,
  overloaded: 503,
  stopped: 503,
  timeout: 504,
  // Nobody is there to see it: the client closed the connection. The number is nginx's.
  aborted: 499,
  payload_too_large: 413,
  member_failed: 500,
  not_a_member: 503,
  state_diverged: 503,
  // As to the leader: this member cannot, another one can.
  member_removed: 421,
  member_is_witness: 421,
  no_snapshot_store: 501,
  nothing_to_snapshot: 409,
  session_expired: 410,
  sequence_answered: 409,
  reply_forgotten: 409,
  too_many_sessions: 503,
  session_window_exceeded: 409,
  version_changed: 503,
  malformed_payload: 400,
};

const machineStatus: { readonly [Code in MachineErrorCode]: number } = {
  unknown_command: 404,
  unknown_query: 404,
  invalid_input: 400,
  malformed_payload: 400,
  machine_defect: 500,
  nondeterministic: 500,
};

/** What Fastify itself finds wrong with a request, by its error codes. */
const frameworkErrors: Readonly<Record<string, (error: Error) => HttpError>> = {
  FST_ERR_BAD_URL: () =>
    badRequest('invalid_path', 'the path has a bad percent-encoding', 'Encode the path as UTF-8, then percent-encode it.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () => payloadTooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    badRequest('unsupported_content_type', 'the content type is not supported', 'Send application/json or application/msgpack.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    badRequest('bad_request', 'the body is not as long as its Content-Length', 'Send as many bytes as the header says.'),
};

/** A command that the machine refused, as an error. */
export function rejectionError({ index }: Applied, rejected: Rejected, statusOf: Readonly<Record<string, number>>): HttpError {
  const status = Object.hasOwn(statusOf, rejected.code)
    ? statusOf[rejected.code]
    : isDefect(rejected.code)
      ? machineStatus[rejected.code]
      : 409;
  return new HttpError(status ?? 409, rejected.code, rejected.message, 'The machine refused the command; nothing changed.', {
    extra: { rejected: true, outcome: 'not-applied', index, details: rejected.details },
  });
}

function isDefect(code: string): code is MachineErrorCode {
  return Object.hasOwn(machineStatus, code);
}

/** The answer to any error at all. An error that nobody foresaw shows nothing of the inside. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (isRuntimeError(error)) {
    const status = runtimeStatus[error.code];
    const headers: Record<string, string> = status === 503 ? { 'retry-after': '1' } : {};
    return new HttpError(status, error.code, error.message, error.hint, { cause: error, headers, extra: { outcome: error.outcome } });
  }
  if (isMachineError(error)) {
    const issues = error.issues.length > 0 ? { issues: error.issues } : {};
    return new HttpError(machineStatus[error.code], error.code, error.message, error.hint, {
      cause: error,
      extra: { outcome: 'not-applied', ...issues },
    });
  }
  if (isFlotillaError(error, 'journal_compacted')) return new HttpError(410, error.code, error.message, error.hint, { cause: error });
  if (isFlotillaError(error, 'archive_corrupted')) {
    const hint = 'Read from another member; the log of this one names the file.';
    return new HttpError(500, error.code, 'what is asked for is damaged in the archive of this member', hint, { cause: error });
  }
  return (
    frameworkError(error) ??
    new HttpError(500, 'internal', 'something unforeseen happened', 'See the log of this member.', { cause: error })
  );
}

function frameworkError(error: unknown): HttpError | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const known = frameworkErrors[error.code];
  if (known !== undefined) return known(error);
  const clientsFault = 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
  return clientsFault
    ? badRequest('bad_request', 'the request could not be understood', 'See the documentation of the HTTP API.', error)
    : null;
}

function payloadTooLarge(): HttpError {
  return new HttpError(413, 'payload_too_large', 'the body is larger than this gateway takes', 'Send less at once.', {
    extra: { outcome: 'not-applied' },
  });
}

/** Everything that an answer tells about its error, besides the status; values are the machine's own. */
export function errorContent({ code, message, hint, extra }: HttpError): Readonly<Record<string, unknown>> {
  return { code, message, hint, ...extra };
}

/** The body of every answer that is an error, as JSON. */
export function errorBody(error: HttpError): string {
  return showing(error, (shown) => JSON.stringify({ error: jsonValue(errorContent(shown)) }));
}

/** Writes an error; where a machine gave it details that cannot be written, without them. */
export function showing<Written>(error: HttpError, write: (shown: HttpError) => Written): Written {
  try {
    return write(error);
  } catch {
    const { status, code, message, hint, headers, extra } = error;
    return write(new HttpError(status, code, message, hint, { headers, extra: { ...extra, details: null } }));
  }
}
