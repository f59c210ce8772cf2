import { decodeValue } from '@flotilla/state-machine';
import { ClientError, CommandRejected, type LeaderAddress } from './client-error.ts';

export const msgpackType = 'application/msgpack';

/** What an answer with status 200 holds. Throws a {@link ClientError} for every other answer. */
export async function readAnswer(response: Response): Promise<Readonly<Record<string, unknown>>> {
  if (!response.ok) throw await errorOf(response);
  const isMsgpack = response.headers.get('content-type')?.startsWith(msgpackType) === true;
  const content: unknown = isMsgpack ? decodeValue(new Uint8Array(await response.arrayBuffer())) : await response.json();
  if (!isRecord(content)) throw unexpected(response.status);
  return content;
}

/** The error that an answer carries. */
export async function errorOf(response: Response): Promise<ClientError> {
  const body: unknown = await response.json().catch(() => null);
  return errorFrom(response.status, isRecord(body) ? body.error : null);
}

/** The error with which a member answers, from its status and what HTTP has as `error` in the body. */
export function errorFrom(status: number, error: unknown): ClientError {
  if (!isRecord(error) || typeof error.code !== 'string') return unexpected(status);
  const { code } = error;
  const message = String(error.message ?? code);
  const hint = String(error.hint ?? '');
  if (error.rejected === true) {
    const index = typeof error.index === 'number' ? error.index : null;
    return new CommandRejected(code, message, hint, { status, details: error.details, index });
  }
  // A gateway that refuses a request before anybody acts on it says so with a 4xx.
  const notApplied = error.outcome === 'not-applied' || (error.outcome === undefined && status < 500);
  return new ClientError(code, notApplied ? 'not-applied' : 'unknown', message, hint, { status, leader: leaderOf(error.leader) });
}

function leaderOf(value: unknown): LeaderAddress | null {
  if (!isRecord(value) || typeof value.id !== 'number' || typeof value.clientAddress !== 'string') return null;
  return { id: value.id, clientAddress: value.clientAddress };
}

/** Somebody answered who is no gateway of Flotilla, such as a proxy in between. */
function unexpected(status: number): ClientError {
  return new ClientError('unexpected_answer', 'unknown', `the answer with status ${status} is none of Flotilla's`, 'Check the endpoint.', {
    status,
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
