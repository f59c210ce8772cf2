import { once } from 'node:events';
import type { Socket } from 'node:net';
import { decodeValue, inputDepthMax, inputItemsMax, isMachineError } from '@flotilla/state-machine';
import { answerCall, type CallTarget } from '../answer-call.ts';
import { tooManyItems } from '../body-formats.ts';
import type { ReportError } from '../create-server.ts';
import { httpErrorOf } from '../error-table.ts';
import type { EventPosition } from '../event-position.ts';
import type { EventStreams } from '../event-streams.ts';
import { badRequest, unavailable } from '../http-error.ts';
import type { MemberCall } from '../member-call.ts';
import { type BinaryCall, binaryCallOf } from './binary-call.ts';
import { callIdOf, errorFrame, frameOf, isCallId, noCall } from './frame.ts';
import { FrameReader, FrameTooLarge } from './frame-reader.ts';
import { protocolName } from './protocol.ts';

export interface BinaryConnectionOptions {
  readonly target: CallTarget;
  readonly streams: EventStreams;
  readonly reportError: ReportError;
  /** The largest frame that is read at all. */
  readonly frameBytesMax: number;
  /** How many calls may be under way at once. */
  readonly callsMax: number;
  /** Nothing more is read while this much waits to be sent, or is held by calls under way. */
  readonly heldBytesMax: number;
  /** How long a connection without calls may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** How long calls under way may still be answered once the connection has to end, in milliseconds. */
  readonly closeTimeoutMs: number;
}

interface CallUnderWay {
  readonly controller: AbortController;
  readonly bytes: number;
}

// How many items a call is, beside those of its input.
const callPartsMax = 8;
// What a client sent before it read our goodbye is refused with an answer, for so long.
const graceMs = 100;
// Closing with something unread would take our last words back, so what still comes is read for so long.
const lingerMs = 1_000;

/** One connection of the binary protocol, from the switch of protocols to its end. */
export class BinaryConnection {
  readonly #socket: Socket;
  readonly #options: BinaryConnectionOptions;
  readonly #calls = new Map<number, CallUnderWay>();
  #heldBytes = 0;
  #follows = false;
  /** Why the connection is about to end; null as long as it is not. */
  #goodbye: string | null = null;
  #hasMoved: () => void = () => {};

  constructor(socket: Socket, options: BinaryConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Serves until the connection is closed. Never rejects: nothing that a client sends is a failure of this member. */
  async serve(): Promise<void> {
    const socket = this.#socket;
    socket.on('error', () => {});
    socket.on('drain', () => this.#hasMoved());
    socket.on('close', () => this.#hasMoved());
    socket.on('timeout', () => this.#onSilence());
    socket.setTimeout(this.#options.idleTimeoutMs);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    try {
      await this.#readFrames();
    } catch (error) {
      if (error instanceof FrameTooLarge) this.leave(error.message);
    }
    // Whoever has sent its last byte reads no answers either.
    if (socket.readableEnded || socket.destroyed) socket.destroy();
    else socket.resume().once('end', () => socket.destroy());
    await closed;
    for (const { controller } of this.#calls.values()) controller.abort();
  }

  /** Takes no more calls, lets those under way have their answers, and ends the connection. */
  leave(reason: string): void {
    if (this.#goodbye !== null) return;
    this.#goodbye = reason;
    this.#send(frameOf([noCall, 'goodbye', reason]));
    setTimeout(() => this.destroy(), this.#options.closeTimeoutMs).unref();
    this.#endIfDone();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #readFrames(): Promise<void> {
    const reader = new FrameReader(this.#options.frameBytesMax);
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
      reader.push(chunk as Buffer);
      for (let frame = reader.next(); frame !== null; frame = reader.next()) {
        if (!this.#take(frame)) return;
        while (this.#isFull()) await new Promise<void>((resolve) => (this.#hasMoved = resolve));
      }
    }
  }

  #isFull(): boolean {
    const { heldBytesMax } = this.#options;
    return !this.#socket.destroyed && (this.#socket.writableLength > heldBytesMax || this.#heldBytes > heldBytesMax);
  }

  /** Acts on a frame; false where nothing that follows it can be understood. */
  #take(frame: Uint8Array): boolean {
    let message: unknown;
    try {
      // A call is an array, and its input a part of it.
      message = decodeValue(frame, inputDepthMax + 1, inputItemsMax + callPartsMax);
    } catch (error) {
      const id = callIdOf(frame);
      if (id === null) return this.#misunderstand('a frame that is no call');
      if (isMachineError(error, 'invalid_input')) {
        this.#send(errorFrame(id, tooManyItems()));
        return true;
      }
      const hint = `Send one MessagePack value, with an input of at most ${inputDepthMax} levels.`;
      this.#send(errorFrame(id, badRequest('invalid_msgpack', 'the call is not valid MessagePack, or nests too deep', hint, error)));
      return true;
    }
    if (!Array.isArray(message)) return this.#misunderstand('a frame that is no call');
    const [id, ...parts] = message as readonly unknown[];
    if (!isCallId(id)) return this.#misunderstand('a call without a number');
    try {
      return this.#begin(id, binaryCallOf(parts), frame.length);
    } catch (error) {
      this.#send(errorFrame(id, error));
      return true;
    }
  }

  #misunderstand(what: string): false {
    this.leave(`this is not ${protocolName}: ${what}`);
    return false;
  }

  #begin(id: number, call: BinaryCall, bytes: number): boolean {
    if (call.kind === 'ping') {
      this.#send(frameOf([id, 'ok', {}]));
      return true;
    }
    if (call.kind === 'cancel') {
      this.#calls.get(id)?.controller.abort();
      return true;
    }
    // Two answers under one number would be nobody's.
    if (this.#calls.has(id)) return this.#misunderstand(`call ${id} while it is under way`);
    this.#assertTakesCalls(call.kind === 'events');
    const underWay = { controller: new AbortController(), bytes };
    const { signal } = underWay.controller;
    this.#calls.set(id, underWay);
    this.#heldBytes += bytes;
    const done = call.kind === 'events' ? this.#follow(id, call.position, signal) : this.#answer(id, call.call, call.timeoutMs, signal);
    void done.finally(() => {
      this.#calls.delete(id);
      this.#heldBytes -= bytes;
      this.#hasMoved();
      this.#endIfDone();
    });
    return true;
  }

  #assertTakesCalls(isStream: boolean): void {
    const { callsMax } = this.#options;
    if (this.#goodbye !== null) throw unavailable('closing', `this connection is ending: ${this.#goodbye}`, 'Use another one.');
    if (this.#calls.size >= callsMax)
      throw unavailable('too_many_calls', `${callsMax} calls are under way on this connection`, 'Wait for answers.');
    if (this.#follows || (isStream && this.#calls.size > 0))
      throw badRequest('invalid_call', 'a stream of events shares its connection with no call', 'Open a connection of its own for it.');
  }

  async #answer(id: number, call: MemberCall, timeoutMs: number | undefined, signal: AbortSignal): Promise<void> {
    try {
      const options = { signal, ...(timeoutMs !== undefined && { timeoutMs }) };
      this.#send(await answerCall(this.#options.target, call, options, (answer) => frameOf([id, 'ok', answer])));
    } catch (error) {
      this.#fail(id, call.kind, error);
    }
  }

  async #follow(id: number, position: EventPosition | null, signal: AbortSignal): Promise<void> {
    this.#follows = true;
    try {
      const stream = this.#options.streams.open(position, signal);
      try {
        this.#send(frameOf([id, 'events', stream.from]));
        for await (const event of stream.events) {
          if (!this.#send(frameOf([id, 'event', event]))) await once(this.#socket, 'drain', { signal: stream.signal });
        }
      } catch (error) {
        if (!stream.signal.aborted && !this.#socket.destroyed) throw error;
      } finally {
        stream.close();
      }
      this.#send(frameOf([id, 'end']));
    } catch (error) {
      this.#fail(id, 'events', error);
    } finally {
      this.#follows = false;
    }
  }

  #fail(id: number, kind: string, error: unknown): void {
    if (httpErrorOf(error).status === 500) this.#options.reportError(error, { method: kind, url: protocolName });
    this.#send(errorFrame(id, error));
  }

  /** False where the socket should be given a rest. */
  #send(frame: Uint8Array): boolean {
    return this.#socket.writable && this.#socket.write(frame);
  }

  #endIfDone(): void {
    if (this.#goodbye === null || this.#calls.size > 0) return;
    setTimeout(() => {
      this.#socket.end();
      setTimeout(() => this.destroy(), lingerMs).unref();
    }, graceMs);
  }

  /** Nothing has come or gone for a while. */
  #onSilence(): void {
    if (this.#calls.size === 0) this.leave('nothing was heard for too long');
    // Whoever follows events may take its time; whoever called waits for the answers, or is gone.
    else if (this.#socket.writableLength > 0 && !this.#follows) this.destroy();
    else this.#socket.setTimeout(this.#options.idleTimeoutMs);
  }
}
