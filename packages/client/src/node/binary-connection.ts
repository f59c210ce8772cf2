import type { Socket } from 'node:net';
import { errorFrom, isRecord } from '../answer.ts';
import type { Answer, AttemptOptions, ChannelRequest } from '../channel.ts';
import { ClientError } from '../client-error.ts';
import type { ClientTime } from '../client-time.ts';
import { connectionLost, unreachable } from '../network-error.ts';
import { WaitingLine } from '../waiting-line.ts';
import { FrameReader } from './frame-reader.ts';
import { Heartbeat } from './heartbeat.ts';
import { frameOf, requestFields } from './request-frame.ts';

/** How many calls are under way at once: a little less than a member takes, which may not have heard yet that some are over. */
const callsMax = 1000;

interface PendingCall {
  readonly sentAt: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ClientError) => void;
}

/** A connection to one member with many calls under way, which are answered in any order. */
export class BinaryConnection {
  readonly #endpoint: string;
  readonly #socket: Socket;
  readonly #time: ClientTime;
  readonly #onRetired: () => void;
  readonly #heartbeat: Heartbeat;
  readonly #pending = new Map<number, PendingCall>();
  readonly #line = new WaitingLine<boolean>();
  /** How many more calls may begin. */
  #room = callsMax;
  #lastId = 0;
  #isOpen = true;
  #isCorked = false;

  /** `onRetired` is called once when the connection takes no more calls. */
  constructor(endpoint: string, socket: Socket, time: ClientTime, onRetired: () => void) {
    this.#endpoint = endpoint;
    this.#socket = socket;
    this.#time = time;
    this.#onRetired = onRetired;
    this.#heartbeat = new Heartbeat(time, {
      ping: () => this.#write(this.#nextId(), ['ping']),
      dead: () => socket.destroy(new Error('the member does not answer any more')),
    });
    const reader = new FrameReader();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(reader, chunk));
    let cause: unknown;
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#lose(cause));
  }

  /** Rejects with `unreachable` where the request was not sent, with `connection_lost` where it was and had no answer. */
  async call(request: ChannelRequest, { timeoutMs, signal }: AttemptOptions): Promise<Answer> {
    if (this.#room > 0) this.#room--;
    else if (!(await this.#turn(signal))) throw unreachable(this.#endpoint);
    try {
      if (!this.#isOpen || signal.aborted) throw unreachable(this.#endpoint);
      return await this.#send(requestFields(request, timeoutMs), signal);
    } finally {
      // To the next in the line, if there is one: whoever comes later waits behind it.
      if (this.#line.isEmpty) this.#room++;
      else this.#line.serve(true);
    }
  }

  /** Takes no more calls; ends at once, also for those under way. */
  close(): void {
    this.#retire();
    this.#socket.end();
    this.#socket.destroySoon();
  }

  /** Resolves with true when somebody has left its room to this call, with false where the connection or the call has ended before. */
  #turn(signal: AbortSignal): Promise<boolean> {
    this.#line.assertRoom();
    return new Promise((resolve) => {
      const leave = this.#line.join(resolve);
      signal.addEventListener(
        'abort',
        () => {
          leave();
          resolve(false);
        },
        { once: true },
      );
    });
  }

  #send(fields: readonly unknown[], signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId();
      const sentAt = this.#time.now();
      this.#write(id, fields);
      const cancel = () => this.#cancel(id);
      const settled = () => {
        signal.removeEventListener('abort', cancel);
        this.#pending.delete(id);
      };
      this.#pending.set(id, {
        sentAt,
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Nobody waits for the answer any more. */
  #cancel(id: number): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    this.#write(id, ['cancel']);
    this.#heartbeat.suspect(call.sentAt);
    call.reject(connectionLost(this.#endpoint));
  }

  #read(reader: FrameReader, chunk: Uint8Array): void {
    this.#heartbeat.heard();
    try {
      for (const frame of reader.read(chunk)) this.#take(frame);
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take([id, kind, content]: readonly unknown[]): void {
    if (kind === 'goodbye') return this.#retire();
    const call = typeof id === 'number' ? this.#pending.get(id) : undefined;
    // Pings have no call, and neither has an answer that came too late.
    if (call === undefined) return;
    if (kind === 'ok' && isRecord(content)) call.resolve(content);
    else call.reject(kind === 'error' && isRecord(content) ? errorFrom(Number(content.status), content) : unexpected());
  }

  /** What is under way may still be answered. */
  #retire(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onRetired();
    this.#line.serveAll(false);
  }

  #lose(cause: unknown): void {
    this.#retire();
    this.#heartbeat.stop();
    for (const call of [...this.#pending.values()]) call.reject(connectionLost(this.#endpoint, cause));
  }

  #nextId(): number {
    return ++this.#lastId;
  }

  /** What is sent in one turn of the event loop leaves together. */
  #write(id: number, fields: readonly unknown[]): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frameOf(id, fields));
  }
}

function unexpected(): ClientError {
  return new ClientError('unexpected_answer', 'unknown', 'an answer came that is none', 'Check the endpoint.');
}
