import type { CallSpan } from './call-span.ts';
import { type Caller, endedError } from './caller.ts';
import type { Answer } from './channel.ts';
import { ClientError, isClientError } from './client-error.ts';
import type { ClientLife } from './client-life.ts';
import type { Endpoints } from './endpoints.ts';
import type { Settings } from './options.ts';
import { Session } from './session.ts';
import { WaitingLine } from './waiting-line.ts';

/** How long the member that is told of the end of a session may take, in milliseconds. */
const farewellMs = 1000;

/** Opens a session when the first command needs one, keeps it alive while nothing else does, and closes it in the end. */
export class SessionKeeper {
  readonly #caller: Caller;
  readonly #endpoints: Endpoints;
  readonly #settings: Settings;
  readonly #life: ClientLife;
  readonly #ttlMs: number;
  #session: Session | null = null;
  #isOpening = false;
  readonly #line = new WaitingLine<null>();
  #cancelKeeping: () => void = () => {};

  constructor(caller: Caller, endpoints: Endpoints, settings: Settings, life: ClientLife, ttlMs: number) {
    this.#caller = caller;
    this.#endpoints = endpoints;
    this.#settings = settings;
    this.#life = life;
    this.#ttlMs = ttlMs;
  }

  /** The session that commands use now. One call opens it in its own time, and the others wait for that, or do it in their turn. */
  async current(span: CallSpan): Promise<Session> {
    while (this.#session === null) {
      if (this.#isOpening) {
        this.#line.assertRoom();
        await span.until<null>((ready) => this.#line.join(ready));
        if (span.end !== null) throw endedError(span, false);
        continue;
      }
      this.#isOpening = true;
      try {
        await this.#open(span);
      } finally {
        this.#isOpening = false;
        // They go on behind this call: commands are numbered in the order in which they were made.
        this.#line.serveAll(null);
      }
    }
    return this.#session;
  }

  /** The group does not know this session any more: the next command gets another one. */
  lost(session: Session): void {
    session.lose();
    if (this.#session !== session) return;
    this.#session = null;
    this.#cancelKeeping();
  }

  /** Tells the group that the session is over, so that it need not remember it; as well as that goes. To be called once. */
  async close(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    this.lost(session);
    const { channel, time } = this.#settings;
    const controller = new AbortController();
    const cancel = time.after(farewellMs, () => controller.abort(), true);
    const options = { timeoutMs: farewellMs, signal: controller.signal };
    // Without an answer the session expires by itself.
    await channel.call(this.#endpoints.current, { kind: 'close-session', session: session.id }, options).catch(() => {});
    cancel();
  }

  async #open(span: CallSpan): Promise<void> {
    const openedAt = this.#settings.time.now();
    const session = sessionOf(await this.#caller.within(span, { kind: 'open-session', ttlMs: this.#ttlMs }), openedAt);
    this.#session = session;
    this.#keepAfter(session, session.ttlMs / 3);
  }

  #keepAfter(session: Session, delayMs: number): void {
    if (this.#life.isClosed) return;
    this.#cancelKeeping = this.#settings.time.after(delayMs, () => void this.#keep(session), true);
  }

  async #keep(session: Session): Promise<void> {
    const intervalMs = session.ttlMs / 3;
    const begunAt = this.#settings.time.now();
    // As the sum that is waited for, or rounding could make a wait of nothing go on for ever.
    const isDue = begunAt >= session.heardAt + intervalMs;
    if (isDue) {
      try {
        await this.#caller.call({ kind: 'keep-session', session: session.id }, { timeoutMs: intervalMs, background: true });
        session.heardAt = begunAt;
      } catch (error) {
        if (isClientError(error, 'session_expired')) this.lost(session);
      }
    }
    // Also after a failure: until somebody says that it has expired, it may be kept.
    const nextAt = (isDue ? begunAt : session.heardAt) + intervalMs;
    if (this.#session === session) this.#keepAfter(session, nextAt - this.#settings.time.now());
  }
}

function sessionOf({ session, ttlMs }: Answer, openedAt: number): Session {
  if (typeof session === 'number' && typeof ttlMs === 'number') return new Session(session, ttlMs, openedAt);
  throw new ClientError('unexpected_answer', 'not-applied', 'the answer names no session', 'Check the endpoint.');
}
