import { isMachineError } from '@flotilla/state-machine';
import { msgpackType, readAnswer } from './answer.ts';
import { ClientError, isClientError } from './client-error.ts';
import { type Endpoints, readableUrl } from './endpoints.ts';
import type { MemberFinder } from './member-finder.ts';
import { networkError } from './network-error.ts';
import { backoffMs, type CallOptions, pause, type Settings } from './options.ts';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array;
  /** Whether the call may be repeated whatever became of it: true for reads, false for commands. */
  readonly repeatable: boolean;
}

export type Answer = Readonly<Record<string, unknown>>;

// 421: this member cannot, another one can (RFC 9110, section 15.5.20).
const transientStatus = new Set([421, 502, 503, 504]);

/** How often in a row a member's word on who leads is followed at once: two that lost touch may name each other. */
const redirectsMax = 3;

/**
 * Makes calls: asks one endpoint, goes on to the next where that one cannot answer, and gives up when the time is up.
 *
 * A member that says who can do better is believed. A command is repeated only where it was certainly not applied. A read is repeated whenever another member may do better.
 */
export class Caller {
  readonly #endpoints: Endpoints;
  readonly #finder: MemberFinder;
  readonly #settings: Settings;
  readonly #closed: AbortSignal;

  constructor(endpoints: Endpoints, finder: MemberFinder, settings: Settings, closed: AbortSignal) {
    this.#endpoints = endpoints;
    this.#finder = finder;
    this.#settings = settings;
    this.#closed = closed;
  }

  async call(call: Call, options: CallOptions = {}): Promise<Answer> {
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs;
    const deadline = performance.now() + timeoutMs;
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), timeoutMs);
    const signal = AbortSignal.any([timer.signal, this.#closed, ...(options.signal === undefined ? [] : [options.signal])]);
    const ended = (outcome: ClientError['outcome'], cause: unknown) => this.#ended(options, timeoutMs, outcome, cause);
    try {
      // Nothing was sent yet, so nothing can have been applied.
      let last: unknown;
      let leader: string | null = null;
      let redirects = 0;
      for (let attempt = 1; !signal.aborted; attempt++) {
        const endpoint: string = leader ?? this.#endpoints.current;
        try {
          const answer = await this.#attempt(endpoint, call, deadline - performance.now(), signal);
          this.#finder.heardFrom(endpoint, attempt > 1);
          return answer;
        } catch (error) {
          if (!isClientError(error)) throw error;
          if (signal.aborted && error.code === 'connection_lost') throw ended(call.repeatable ? 'not-applied' : 'unknown', error);
          if (!mayRepeat(error, call)) throw error;
          last = error;
          if (error.status !== null) this.#finder.heardFrom(endpoint, true);
          const redirected = leader !== null;
          leader = leaderFrom(error, endpoint);
          if (leader !== null && ++redirects <= redirectsMax) continue;
          this.#endpoints.leave(endpoint);
          if (!redirected && leader === null && attempt % this.#endpoints.count !== 0) continue;
        }
        leader = null;
        redirects = 0;
        await pause(backoffMs(this.#settings, Math.max(1, attempt / this.#endpoints.count)), signal);
      }
      throw ended('not-applied', last);
    } finally {
      clearTimeout(timeout);
    }
  }

  async #attempt(endpoint: string, call: Call, remainingMs: number, outer: AbortSignal): Promise<Answer> {
    const { attemptTimeoutMs } = this.#settings;
    // A command that is cut short has an unknown outcome, so it gets all the time there is.
    const signal = call.repeatable ? AbortSignal.any([outer, AbortSignal.timeout(attemptTimeoutMs)]) : outer;
    const url = `${endpoint}${call.path}${call.method === 'POST' ? timeoutParameter(call.path, remainingMs) : ''}`;
    const headers: Record<string, string> = { accept: msgpackType };
    if (call.body !== undefined) headers['content-type'] = msgpackType;
    try {
      const body = call.body === undefined ? null : new Uint8Array(call.body);
      return await readAnswer(await this.#settings.fetch(url, { method: call.method, headers, body, signal }));
    } catch (error) {
      if (isClientError(error)) throw error;
      if (isMachineError(error))
        throw new ClientError('unexpected_answer', 'unknown', error.message, 'Check the endpoint.', { cause: error });
      throw networkError(endpoint, error);
    }
  }

  /** The call was cut short by whoever made it, by the end of the client, or by time. */
  #ended({ signal }: CallOptions, timeoutMs: number, outcome: ClientError['outcome'], cause: unknown): ClientError {
    const hint = outcome === 'unknown' ? 'It may still be applied: read the state before you try again.' : 'Nothing was changed.';
    if (signal?.aborted) return new ClientError('aborted', outcome, 'the caller aborted the call', hint, { cause });
    if (this.#closed.aborted) return new ClientError('closed', outcome, 'the client is closed', hint, { cause });
    return new ClientError('timeout', outcome, `no answer within ${timeoutMs} ms${lastReason(cause)}`, hint, { cause });
  }
}

/** Where the leader is that a member named, unless it named itself. */
function leaderFrom({ leader }: ClientError, endpoint: string): string | null {
  const url = leader === null ? null : readableUrl(leader.clientAddress);
  return url === endpoint ? null : url;
}

/** A little less than there is, because a server that gives up first still knows what became of the command. */
function timeoutParameter(path: string, remainingMs: number): string {
  const serverMs = Math.min(Math.max(Math.floor(remainingMs - Math.min(remainingMs / 10, 100)), 1), 600_000);
  return `${path.includes('?') ? '&' : '?'}timeoutMs=${serverMs}`;
}

function lastReason(cause: unknown): string {
  return cause instanceof Error ? `; the last attempt: ${cause.message}` : '';
}

/** Whether another attempt is safe, and can be expected to do better. */
function mayRepeat(error: ClientError, { repeatable }: Call): boolean {
  const transient = error.status === null || transientStatus.has(error.status) || error.code === 'member_failed';
  return transient && (repeatable || error.outcome === 'not-applied');
}
