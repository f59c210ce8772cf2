import type { Outcome } from '../contract.ts';
import type { StateSpace } from '../space/state-space.ts';
import { type Deadline, DeadlineHeap } from './deadline-heap.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';
import { refused } from './refusals.ts';
import type { Refused } from './replicated-machine.ts';
import { decodeOutcome, encodeOutcome, type Reply, ReplyCache } from './reply-cache.ts';
import type { SessionStamp } from './request.ts';
import { SequenceWindow, sessionWindow } from './sequence-window.ts';

/** The shortest and the longest time that a session lives without being heard of, in milliseconds. */
export const sessionTtlRange = { min: 1000, max: 3_600_000 } as const;

/** How many sessions a group has at most. */
export const sessionsMax = 10_000;

/** How many sessions end with one entry at most: what ends them must not take long. The others end with the next. */
const expiredPerEntryMax = 256;

interface Session {
  readonly id: number;
  readonly ttlMs: number;
  /** Log time of the last entry that named it. */
  heardAt: number;
  /** The client has the replies of all lower sequence numbers. */
  acknowledged: number;
  /** By sequence number. */
  readonly replies: Map<number, Reply>;
  /** What was applied and whose reply is not kept; null for none. */
  forgotten: SequenceWindow | null;
}

/** What a command of a session comes to before the machine sees it: a refusal, an answer from before, or nothing: then it is new. */
export type Repetition = Refused | { readonly kind: 'answered'; readonly index: number; readonly term: number; readonly outcome: Outcome };

/** The sessions of a group: who they are, what they were answered, and until when they live, by log time. */
export class SessionTable {
  readonly #sessions: RecordTable<number, Session>;
  readonly #replies: ReplyCache;
  /** When each session ends at the earliest; it is looked up again once that comes, for it may have been heard of since. */
  readonly #deadlines = new DeadlineHeap<number, Deadline<number>>(({ id }) => this.#sessions.get(id) !== undefined);

  constructor(tracksChanges: boolean, replyBytesMax?: number) {
    this.#sessions = new RecordTable<number, Session>('sessions', { write: writeSession, read: readSession }, tracksChanges);
    this.#replies = new ReplyCache(tracksChanges, replyBytesMax);
  }

  get records(): readonly StoredRecords[] {
    return [this.#sessions, this.#replies.records];
  }

  load(space: StateSpace): void {
    this.#sessions.load(space);
    for (const session of this.#sessions.values()) this.#watch(session);
    for (const reply of this.#replies.load(space)) this.#sessions.get(reply.session)?.replies.set(reply.sequence, reply);
  }

  /** The earliest log time at which a session ends; null where there is none. */
  get dueAt(): number | null {
    return this.#firstToEnd()?.at ?? null;
  }

  /** Ends the sessions whose time is over. */
  expire(time: number): void {
    for (let count = 0; count < expiredPerEntryMax; count++) {
      const first = this.#firstToEnd();
      if (first === undefined || first.at > time) return;
      this.close(first.id);
    }
  }

  /** Opens the session that has the number of this entry. Returns how long it lives without being heard of, in milliseconds. */
  open(index: number, time: number, ttlMs: number): number | Refused {
    if (this.#sessions.size >= sessionsMax) return refused('too_many_sessions', `there are ${sessionsMax} sessions, which is the most`);
    const bounded = Math.min(Math.max(ttlMs, sessionTtlRange.min), sessionTtlRange.max);
    const session = { id: index, ttlMs: bounded, heardAt: time, acknowledged: 0, replies: new Map(), forgotten: null };
    this.#sessions.set(index, session);
    this.#watch(session);
    return bounded;
  }

  keep(id: number, time: number): Refused | null {
    const session = this.#hear(id, time);
    return 'kind' in session ? session : null;
  }

  /** Does nothing where there is no such session. */
  close(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    for (const reply of session.replies.values()) this.#replies.delete(reply);
    this.#sessions.delete(id);
  }

  /** Whether a command is to be applied: null, or what becomes of it instead. */
  admit({ session: id, sequence, acknowledged }: SessionStamp, time: number): Repetition | null {
    const session = this.#hear(id, time);
    if ('kind' in session) return session;
    if (acknowledged <= sequence) this.#acknowledge(session, acknowledged);
    const lowest = Math.max(session.acknowledged, acknowledged);
    if (sequence < lowest)
      return refused('sequence_answered', `command ${sequence} of session ${id} is acknowledged, as all before ${lowest}`);
    if (sequence - session.acknowledged >= sessionWindow)
      return refused('session_window_exceeded', `command ${sequence} of session ${id} is ${sessionWindow} or more ahead of its replies`);
    const reply = session.replies.get(sequence);
    if (reply !== undefined) return { kind: 'answered', index: reply.index, term: reply.term, outcome: decodeOutcome(reply.outcome) };
    if (session.forgotten?.has(sequence) === true)
      return refused('reply_forgotten', `command ${sequence} of session ${id} was applied, and its reply is not kept any more`);
    return null;
  }

  /** Keeps what came of a command that was admitted. Returns it as bytes; null where the codec does not carry it. */
  answer({ session: id, sequence }: SessionStamp, index: number, term: number, outcome: Outcome): Uint8Array | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    const encoded = encodeOutcome(outcome);
    if (encoded === null) {
      this.#forget(session, sequence);
      return null;
    }
    const reply = { index, term, session: id, sequence, outcome: encoded };
    session.replies.set(sequence, reply);
    for (const { session: owner, sequence: forgotten } of this.#replies.add(reply)) {
      const poorer = this.#sessions.get(owner);
      if (poorer !== undefined) this.#forget(poorer, forgotten);
    }
    return encoded;
  }

  #hear(id: number, time: number): Session | Refused {
    const session = this.#sessions.get(id);
    // One that is over may still be here: not all of them are removed with one entry.
    if (session === undefined || endOf(session) <= time)
      return refused('session_expired', `there is no session ${id}, or it was not heard of for too long`);
    session.heardAt = time;
    this.#sessions.touch(id);
    return session;
  }

  #acknowledge(session: Session, acknowledged: number): void {
    const end = Math.min(acknowledged, session.acknowledged + sessionWindow);
    for (let sequence = session.acknowledged; sequence < end; sequence++) {
      session.forgotten?.delete(sequence);
      const reply = session.replies.get(sequence);
      if (reply === undefined) continue;
      session.replies.delete(sequence);
      this.#replies.delete(reply);
    }
    session.acknowledged = Math.max(session.acknowledged, acknowledged);
  }

  #forget(session: Session, sequence: number): void {
    session.replies.delete(sequence);
    session.forgotten ??= new SequenceWindow();
    session.forgotten.add(sequence);
    this.#sessions.touch(session.id);
  }

  #watch(session: Session): void {
    this.#deadlines.add({ id: session.id, at: endOf(session) }, this.#sessions.size);
  }

  #firstToEnd(): Deadline<number> | undefined {
    for (;;) {
      const first = this.#deadlines.first();
      const session = first && this.#sessions.get(first.id);
      if (first === undefined || session === undefined || endOf(session) === first.at) return first;
      this.#deadlines.takeFirst();
      this.#watch(session);
    }
  }
}

function endOf({ heardAt, ttlMs }: Session): number {
  return heardAt + ttlMs;
}

function writeSession({ ttlMs, heardAt, acknowledged, forgotten }: Session): unknown {
  return [ttlMs, heardAt, acknowledged, forgotten?.toBytes() ?? null];
}

function readSession(id: number, written: unknown): Session {
  const [ttlMs, heardAt, acknowledged, forgotten] = written as readonly [number, number, number, Uint8Array | null];
  return { id, ttlMs, heardAt, acknowledged, replies: new Map(), forgotten: forgotten && new SequenceWindow(forgotten) };
}
