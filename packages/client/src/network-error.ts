import { ClientError } from './client-error.ts';

// Failures before a single byte of the request left, by the codes of Node and undici. A browser gives none of them away.
const beforeSending = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What a failed `fetch` means for the request: where it may have been sent, its outcome is unknown. */
export function networkError(endpoint: string, cause: unknown): ClientError {
  return isBeforeSending(cause, 0) ? unreachable(endpoint, cause) : connectionLost(endpoint, cause);
}

/** The error for a request that nobody was there to take. */
export function unreachable(endpoint: string, cause?: unknown): ClientError {
  const hint = 'Check that the member runs and the address is right.';
  return new ClientError('unreachable', 'not-applied', `${endpoint} cannot be reached`, hint, { cause });
}

/** The error for a request that went out, and had no answer. */
export function connectionLost(endpoint: string, cause?: unknown): ClientError {
  return new ClientError(
    'connection_lost',
    'unknown',
    `the connection to ${endpoint} was lost before it answered`,
    'The command may have been applied: read the state before you try again.',
    { cause },
  );
}

/** `fetch` hides the reason in `cause`; a host with several addresses gives an `AggregateError` with one error for each. */
function isBeforeSending(error: unknown, depth: number): boolean {
  if (!(error instanceof Error) || depth > 4) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every((one) => isBeforeSending(one, depth + 1));
  if ('code' in error && typeof error.code === 'string' && beforeSending.has(error.code)) return true;
  return isBeforeSending(error.cause, depth + 1);
}
