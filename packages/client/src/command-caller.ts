import type { CallSpan } from './call-span.ts';
import { type Caller, endedError } from './caller.ts';
import type { Answer } from './channel.ts';
import { ClientError, isClientError, isCommandRejected } from './client-error.ts';
import type { CallOptions, Settings } from './options.ts';
import type { SessionKeeper } from './session-keeper.ts';

/** How often a call opens another session: one that is lost so often lives shorter than a command takes. */
const renewalsMax = 3;

/** Sends commands, in a session where the client has one: then each is applied once, however often it is sent. */
export class CommandCaller {
  readonly #caller: Caller;
  readonly #sessions: SessionKeeper | null;
  readonly #settings: Settings;

  /** `sessions` is null for a client without. */
  constructor(caller: Caller, sessions: SessionKeeper | null, settings: Settings) {
    this.#caller = caller;
    this.#sessions = sessions;
    this.#settings = settings;
  }

  async call(name: string, input: Uint8Array, options?: CallOptions): Promise<Answer> {
    if (this.#sessions === null) return this.#caller.call({ kind: 'command', name, input, stamp: null }, options);
    const span = this.#caller.begin(options);
    try {
      for (let renewals = 0; ; renewals++) {
        try {
          return await this.#inSession(span, this.#sessions, name, input);
        } catch (error) {
          // In a session that has ended nothing is applied, so this command was not, unless by an earlier attempt.
          if (!isSessionExpired(error)) throw error;
          if (error.outcome === 'unknown') throw lostWithSession(error);
          if (renewals >= renewalsMax) throw error;
        }
      }
    } finally {
      span.leave();
    }
  }

  async #inSession(span: CallSpan, sessions: SessionKeeper, name: string, input: Uint8Array): Promise<Answer> {
    for (;;) {
      const session = await sessions.current(span);
      const sequence = await session.number(span);
      if (sequence === null) {
        if (span.end !== null) throw endedError(span, false);
        continue;
      }
      const begunAt = this.#settings.time.now();
      try {
        const answer = await this.#caller.within(span, { kind: 'command', name, input, stamp: session.stamp(sequence) });
        session.heardAt = begunAt;
        return answer;
      } catch (error) {
        if (isCommandRejected(error)) session.heardAt = begunAt;
        if (isSessionExpired(error)) sessions.lost(session);
        throw error;
      } finally {
        session.settle(sequence);
      }
    }
  }
}

/** A machine may refuse a command with the same code, for reasons of its own. */
function isSessionExpired(error: unknown): error is ClientError {
  return isClientError(error, 'session_expired') && !isCommandRejected(error);
}

/** The session was the only one who knew whether an earlier attempt was applied. */
function lostWithSession(error: ClientError): ClientError {
  return new ClientError(
    'session_expired',
    'unknown',
    'the session ended while the outcome of the command was open: an earlier attempt may have been applied, and nobody can tell any more',
    'Read the state before you try again. A longer `session.ttlMs` lets commands outlive longer failures.',
    { ...(error.status === null ? {} : { status: error.status }), cause: error },
  );
}
