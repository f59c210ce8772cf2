import { type CallEnd, CallSpan, type SpanOptions } from './call-span.ts';
import { type Answer, type ChannelRequest, isRepeatable, isSafe } from './channel.ts';
import { ClientError, isClientError, isCommandRejected } from './client-error.ts';
import type { ClientLife } from './client-life.ts';
import { type Endpoints, readableUrl } from './endpoints.ts';
import type { MemberFinder } from './member-finder.ts';
import { backoffMs, type CallOptions, type Settings } from './options.ts';
import { prospectAfter } from './retries.ts';

/** How often in a row a member's word on who leads is followed at once: two that lost touch may name each other. */
const redirectsMax = 3;

/**
 * Makes calls: asks one endpoint, goes on to the next where that one cannot answer, and gives up when the time is up.
 *
 * A member that says who can do better is believed. Which failures are worth another attempt stands in `retries.ts`; a request that is
 * not safe to repeat is repeated only where it was certainly not applied.
 */
export class Caller {
  readonly #endpoints: Endpoints;
  readonly #finder: MemberFinder;
  readonly #settings: Settings;
  readonly #life: ClientLife;

  constructor(endpoints: Endpoints, finder: MemberFinder, settings: Settings, life: ClientLife) {
    this.#endpoints = endpoints;
    this.#finder = finder;
    this.#settings = settings;
    this.#life = life;
  }

  async call(request: ChannelRequest, options: SpanOptions & Pick<CallOptions, 'timeoutMs'> = {}): Promise<Answer> {
    const span = this.begin(options);
    try {
      return await this.within(span, request);
    } finally {
      span.leave();
    }
  }

  /** Begins a call that consists of several requests. Whoever begins one ends it, with `leave`. */
  begin(options: SpanOptions & Pick<CallOptions, 'timeoutMs'> = {}): CallSpan {
    return new CallSpan(this.#life, this.#settings.time, options.timeoutMs ?? this.#settings.timeoutMs, options);
  }

  /**
   * Gets an answer within the time of a call. The outcome of the error, where there is none, is of all attempts together: `unknown` where
   * any of them may have been applied.
   */
  async within(span: CallSpan, request: ChannelRequest): Promise<Answer> {
    const { channel, attemptTimeoutMs } = this.#settings;
    const safe = isSafe(request);
    const changes = !isRepeatable(request);
    let uncertain = false;
    let last: unknown;
    let leader: string | null = null;
    let redirects = 0;
    let full = 0;
    for (let attempt = 1; span.end === null; attempt++) {
      const endpoint: string = leader ?? this.#endpoints.current;
      try {
        // What is not safe to repeat is not cut short either: it gets all the time there is.
        const answer = await span.attempt(channel, endpoint, request, safe ? attemptTimeoutMs : undefined);
        this.#finder.heardFrom(endpoint, attempt > 1);
        return answer;
      } catch (error) {
        // What the machine answers is for its caller, whatever its code, and holds for all attempts.
        if (!isClientError(error) || isCommandRejected(error)) throw error;
        // Whose reply is forgotten was applied, by an attempt of which nothing was heard.
        uncertain ||= changes && (error.outcome === 'unknown' || error.code === 'reply_forgotten');
        if (span.end !== null && error.code === 'connection_lost') throw endedError(span, uncertain, error);
        const prospect = prospectAfter(error);
        if (prospect === 'each-once') full++;
        const again = prospect !== 'nobody' && full < this.#endpoints.count && (safe || error.outcome === 'not-applied');
        if (!again) throw uncertain ? ofAllAttempts(error) : error;
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
      await span.pause(backoffMs(this.#settings, Math.max(1, attempt / this.#endpoints.count)));
    }
    throw endedError(span, uncertain, last);
  }
}

/** The error of a call that was cut short by whoever made it, by the end of the client, or by time. */
export function endedError({ end, timeoutMs }: CallSpan, uncertain: boolean, cause?: unknown): ClientError {
  const hint = uncertain ? 'It may still be applied: read the state before you try again.' : 'Nothing was changed.';
  const code = end ?? 'timeout';
  return new ClientError(code, uncertain ? 'unknown' : 'not-applied', endMessage[code](timeoutMs, cause), hint, { cause });
}

const endMessage: { readonly [End in CallEnd]: (timeoutMs: number, cause: unknown) => string } = {
  aborted: () => 'the caller aborted the call',
  closed: () => 'the client is closed',
  timeout: (timeoutMs, cause) => `no answer within ${timeoutMs} ms${lastReason(cause)}`,
};

/** What the last attempt says where an earlier one may have been applied. */
function ofAllAttempts(error: ClientError): ClientError {
  if (error.outcome === 'unknown') return error;
  const { code, message, status, leader } = error;
  const hint = 'It may have been applied: read the state before you try again.';
  const all = `${message}; what became of an earlier attempt of this call is not known`;
  return new ClientError(code, 'unknown', all, hint, { ...(status === null ? {} : { status }), leader, cause: error });
}

/** Where the leader is that a member named, unless it named itself. */
function leaderFrom({ leader }: ClientError, endpoint: string): string | null {
  const url = leader === null ? null : readableUrl(leader.clientAddress);
  return url === endpoint ? null : url;
}

function lastReason(cause: unknown): string {
  return cause instanceof Error ? `; the last attempt: ${cause.message}` : '';
}
