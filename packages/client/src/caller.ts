import { type CallEnd, CallSpan } from './call-span.ts';
import { type Answer, type ChannelRequest, repeatable } from './channel.ts';
import { ClientError, isClientError } from './client-error.ts';
import type { ClientLife } from './client-life.ts';
import { type Endpoints, readableUrl } from './endpoints.ts';
import type { MemberFinder } from './member-finder.ts';
import { backoffMs, type CallOptions, type Settings } from './options.ts';

// 421: this member cannot, another one can (RFC 9110, section 15.5.20).
const transientStatus = new Set([421, 502, 503, 504]);

/** The disk of the member that answers is full, or the leader's: others may still have room. */
const fullStatus = 507;

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
  readonly #life: ClientLife;

  constructor(endpoints: Endpoints, finder: MemberFinder, settings: Settings, life: ClientLife) {
    this.#endpoints = endpoints;
    this.#finder = finder;
    this.#settings = settings;
    this.#life = life;
  }

  async call(request: ChannelRequest, options: CallOptions = {}): Promise<Answer> {
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs;
    const { channel, time, attemptTimeoutMs } = this.#settings;
    const mayCut = repeatable[request.kind];
    const span = new CallSpan(this.#life, time, timeoutMs, options);
    try {
      // Nothing was sent yet, so nothing can have been applied.
      let last: unknown;
      let leader: string | null = null;
      let redirects = 0;
      let full = 0;
      for (let attempt = 1; span.end === null; attempt++) {
        const endpoint: string = leader ?? this.#endpoints.current;
        try {
          // A command that is cut short has an unknown outcome, so it gets all the time there is.
          const answer = await span.attempt(channel, endpoint, request, mayCut ? attemptTimeoutMs : undefined);
          this.#finder.heardFrom(endpoint, attempt > 1);
          return answer;
        } catch (error) {
          if (!isClientError(error)) throw error;
          if (span.end !== null && error.code === 'connection_lost')
            throw endedError(span.end, timeoutMs, mayCut ? 'not-applied' : 'unknown', error);
          if (error.status === fullStatus) full++;
          // Nobody makes room within the time of a call: each is asked once.
          if (!mayRepeat(error, request) || full >= this.#endpoints.count) throw error;
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
      throw endedError(span.end, timeoutMs, 'not-applied', last);
    } finally {
      span.leave();
    }
  }
}

/** The error of a call that was cut short by whoever made it, by the end of the client, or by time. */
function endedError(end: CallEnd, timeoutMs: number, outcome: ClientError['outcome'], cause: unknown): ClientError {
  const hint = outcome === 'unknown' ? 'It may still be applied: read the state before you try again.' : 'Nothing was changed.';
  return new ClientError(end, outcome, endMessage[end](timeoutMs, cause), hint, { cause });
}

const endMessage: { readonly [End in CallEnd]: (timeoutMs: number, cause: unknown) => string } = {
  aborted: () => 'the caller aborted the call',
  closed: () => 'the client is closed',
  timeout: (timeoutMs, cause) => `no answer within ${timeoutMs} ms${lastReason(cause)}`,
};

/** Where the leader is that a member named, unless it named itself. */
function leaderFrom({ leader }: ClientError, endpoint: string): string | null {
  const url = leader === null ? null : readableUrl(leader.clientAddress);
  return url === endpoint ? null : url;
}

function lastReason(cause: unknown): string {
  return cause instanceof Error ? `; the last attempt: ${cause.message}` : '';
}

/** Whether another attempt is safe, and can be expected to do better. */
function mayRepeat(error: ClientError, { kind }: ChannelRequest): boolean {
  const transient =
    error.status === null || error.status === fullStatus || transientStatus.has(error.status) || error.code === 'member_failed';
  return transient && (repeatable[kind] || error.outcome === 'not-applied');
}
