import type { Socket } from 'node:net';
import type { MemberId } from '@flotilla/core';
import { decodeFrame, FrameReader, type GroupMessage, isTransportError, type Receive, type TransportError } from '@flotilla/transport';
import { aliveFrame, decodeConfirmation, expectPing, isControlFrame } from './control-frame.ts';
import type { EventReporter } from './event-reporter.ts';
import { awaitFirstFrame } from './first-frame.ts';
import { decodeGreeting, encodeAnswer, type Greeting, type Hello } from './handshake.ts';
import { intervalsPerTimeout } from './liveness.ts';
import { type Refusal, refusalFor } from './refusal-reason.ts';
import type { TcpConfig } from './tcp-options.ts';
import type { TransportEvent } from './transport-event.ts';
import { endWith, remoteAddress, watchSocket } from './watch-socket.ts';

/** Answers that may wait to be sent; one who pings and never reads gets no more. */
const answerBytesMax = 4_096;

/** What an inbound connection needs of the listener that accepted it. */
export interface InboundOwner {
  readonly config: TcpConfig;
  readonly reporter: EventReporter;
  readonly receive: Receive;
  /** Whether somebody who introduces himself like this is let in: null, or why not. */
  judge(hello: Hello): Refusal | null;
  /** Both sides have let each other in: afterwards messages are taken, unless this closes the connection. */
  introduced(connection: InboundConnection, hello: Hello): void;
  gone(connection: InboundConnection): void;
}

/** A connection that somebody opened to us. It brings messages; nothing goes back but answers to pings. */
export class InboundConnection {
  readonly #socket: Socket;
  readonly #owner: InboundOwner;
  readonly #address: string;
  readonly #reader: FrameReader;
  #peer: MemberId | null = null;
  #ended = false;
  #answeredAt = 0;

  constructor(socket: Socket, owner: InboundOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#address = remoteAddress(socket);
    this.#reader = new FrameReader(owner.config.frameBytesMax);
    watchSocket(socket, (reason) => {
      this.close(reason);
      owner.gone(this);
    });
    awaitFirstFrame(socket, owner.config.handshakeTimeoutMs, decodeGreeting, {
      onFrame: (greeting) => this.#greeted(greeting),
      onInvalid: (error) => this.#closeInvalid(error),
      onTimeout: () => this.close('did not introduce itself in time'),
    });
  }

  /** Who it is; null as long as not both sides have let each other in. */
  get peer(): MemberId | null {
    return this.#peer;
  }

  /** Closes the connection at once and reports `reason`. */
  close(reason: string): void {
    const base = { direction: 'inbound', address: this.#address, reason } as const;
    if (this.#peer === null) this.#end({ kind: 'not-connected', peer: null, ...base });
    else this.#end({ kind: 'disconnected', peer: this.#peer, ...base });
  }

  #closeInvalid({ code, message }: TransportError): void {
    this.#end({ kind: 'protocol-error', direction: 'inbound', peer: this.#peer, address: this.#address, code, reason: message });
  }

  /** Of all the reasons to end only the first is reported: the others follow from it. */
  #end(event: TransportEvent): void {
    this.#report(event);
    this.#socket.destroy();
  }

  #report(event: TransportEvent): void {
    if (!this.#ended) this.#owner.reporter.report(event);
    this.#ended = true;
  }

  #greeted(greeting: Greeting): void {
    if (this.#ended) return;
    if (greeting.kind === 'other-version') return this.#refuse(refusalFor('unsupported-version'), null);
    const { hello } = greeting;
    const refusal = this.#owner.judge(hello);
    if (refusal === null) this.#welcome(hello);
    else this.#refuse(refusal, refusal.reason === 'wrong-cluster' ? null : hello.sender);
  }

  #refuse(refusal: Refusal, peer: MemberId | null): void {
    this.#report({ kind: 'refused', by: 'this-host', direction: 'inbound', peer, address: this.#address, ...refusal });
    endWith(this.#socket, encodeAnswer({ kind: 'refused', refusal }), this.#owner.config.handshakeTimeoutMs);
  }

  #welcome(hello: Hello): void {
    const { incarnation, handshakeTimeoutMs } = this.#owner.config;
    const timer = setTimeout(() => {
      if (this.#peer === null) this.close('did not confirm in time that it lets this host in');
    }, handshakeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.write(encodeAnswer({ kind: 'welcome', incarnation }));
    this.#socket.on('data', (chunk: Buffer) => this.#onData(hello, chunk));
  }

  #onData(hello: Hello, chunk: Buffer): void {
    if (this.#ended) return;
    let messages: readonly GroupMessage[];
    try {
      messages = this.#decode(hello, chunk);
    } catch (error) {
      if (!isTransportError(error)) throw error;
      this.#closeInvalid(error);
      return;
    }
    if (messages.length > 0) this.#handOver(hello.sender, messages);
  }

  #decode(hello: Hello, chunk: Buffer): GroupMessage[] {
    const messages: GroupMessage[] = [];
    let pinged = false;
    for (const frame of this.#reader.read(chunk)) {
      if (this.#peer === null) this.#confirm(hello, frame);
      if (this.#ended) return [];
      if (isControlFrame(frame)) {
        expectPing(frame);
        pinged = true;
      } else messages.push(decodeFrame(frame));
    }
    this.#answer(pinged);
    return messages;
  }

  /** The first frame behind the welcome says whether the other side lets us in, too. */
  #confirm(hello: Hello, frame: Uint8Array): void {
    const peer = hello.sender;
    const base = { direction: 'inbound', peer, address: this.#address } as const;
    const declined = decodeConfirmation(frame);
    if (declined !== null) return this.#end({ kind: 'refused', by: 'other-side', ...base, ...declined });
    this.#peer = peer;
    this.#owner.introduced(this, hello);
    if (!this.#ended) this.#owner.reporter.report({ kind: 'connected', ...base });
  }

  /** Answers pings, and shows life while a long queue keeps the next ping from arriving. */
  #answer(pinged: boolean): void {
    const now = performance.now();
    if (!pinged && now - this.#answeredAt < this.#owner.config.livenessTimeoutMs / intervalsPerTimeout) return;
    if (!this.#socket.writable || this.#socket.writableLength > answerBytesMax) return;
    this.#answeredAt = now;
    this.#socket.write(aliveFrame);
  }

  #handOver(peer: MemberId, messages: readonly GroupMessage[]): void {
    try {
      this.#owner.receive(peer, messages);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#end({ kind: 'receive-failed', peer, address: this.#address, reason, error });
    }
  }
}
