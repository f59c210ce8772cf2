import { connect, type Socket } from 'node:net';
import {
  encodeFrames,
  FrameReader,
  frameSize,
  framesSize,
  type GroupMessage,
  isTransportError,
  type TransportError,
} from '@flotilla/transport';
import { declinedFrame, expectAlive, pingFrame } from './control-frame.ts';
import type { EventReporter } from './event-reporter.ts';
import { awaitFirstFrame } from './first-frame.ts';
import { type Answer, decodeAnswer, encodeHello, type Hello, handshakeBytesMax } from './handshake.ts';
import { refusalByData } from './incarnation.ts';
import { intervalsPerTimeout, Liveness } from './liveness.ts';
import type { Refusal } from './refusal-reason.ts';
import { formatAddress, type TcpAddress } from './tcp-address.ts';
import type { TcpConfig } from './tcp-options.ts';
import type { TransportEvent } from './transport-event.ts';
import { endWith, keepAliveDelayMs, watchSocket } from './watch-socket.ts';

/** What an outbound connection needs of whoever opens it. */
export interface OutboundOwner {
  readonly config: TcpConfig;
  readonly reporter: EventReporter;
  /** Both sides have let each other in: messages are taken from now on. */
  welcomed(): void;
  /** Called once, when the socket is gone for whatever reason; never while a method of the connection runs. */
  gone(connection: OutboundConnection): void;
}

/** A connection that we open to a peer, for what we send. */
export class OutboundConnection {
  readonly #hello: Hello;
  readonly #address: string;
  readonly #owner: OutboundOwner;
  readonly #socket: Socket;
  readonly #liveness = new Liveness();
  #wasReached = false;
  #welcomedAt: number | null = null;
  #ended = false;
  #dropping = false;

  /** Begins to connect. */
  constructor(hello: Hello, { host, port }: TcpAddress, owner: OutboundOwner) {
    this.#hello = hello;
    this.#address = formatAddress({ host, port });
    this.#owner = owner;
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
    this.#socket = socket;
    watchSocket(socket, (reason) => {
      this.close(reason);
      owner.gone(this);
    });
    socket.once('connect', () => socket.write(encodeHello(hello)));
    awaitFirstFrame(socket, owner.config.handshakeTimeoutMs, decodeAnswer, {
      onFrame: (answer) => this.#answered(answer),
      onInvalid: (error) => this.#closeInvalid(error),
      onTimeout: () => this.close('no answer in time'),
    });
  }

  /** Whether the other side gave any answer. */
  get wasReached(): boolean {
    return this.#wasReached;
  }

  /** Milliseconds on the monotonic clock at which both sides had let each other in, or null. */
  get welcomedAt(): number | null {
    return this.#welcomedAt;
  }

  /** Takes all of the messages or none of them. */
  send(messages: readonly GroupMessage[]): boolean {
    if (this.#ended || this.#welcomedAt === null || !this.#socket.writable) return false;
    if (messages.length === 0) return true;
    const { frameBytesMax, queueBytesMax } = this.#owner.config;
    const size = framesSize(messages);
    if (size > frameBytesMax && messages.some((message) => frameSize(message) > frameBytesMax)) return this.#drop('frame-too-large', size);
    if (this.#socket.writableLength + size > queueBytesMax) return this.#drop('queue-full', size);
    this.#socket.write(encodeFrames(messages, size));
    return true;
  }

  /** Closes the connection at once and reports `reason`. */
  close(reason: string): void {
    this.#end({ kind: this.#welcomedAt === null ? 'not-connected' : 'disconnected', ...this.#base(), reason });
  }

  #base(): { readonly direction: 'outbound'; readonly peer: number; readonly address: string } {
    return { direction: 'outbound', peer: this.#hello.receiver, address: this.#address };
  }

  #drop(reason: 'frame-too-large' | 'queue-full', bytes: number): false {
    const { receiver: peer } = this.#hello;
    const { reporter } = this.#owner;
    reporter.report({ kind: 'send-dropped', peer, address: this.#address, reason, bytes });
    if (!this.#dropping) {
      this.#dropping = true;
      // Once the queue has been empty, the next drop is news again.
      this.#socket.once('drain', () => {
        this.#dropping = false;
        reporter.forgetSends(peer);
      });
    }
    return false;
  }

  #answered(answer: Answer): void {
    if (this.#ended) return;
    this.#wasReached = true;
    switch (answer.kind) {
      case 'refused':
        return this.#end({ kind: 'refused', by: 'other-side', ...this.#base(), ...answer.refusal });
      case 'welcome': {
        const { config } = this.#owner;
        const refusal = refusalByData(config, this.#hello.receiver, answer.incarnation);
        return refusal === null ? this.#welcomed() : this.#decline(refusal);
      }
    }
  }

  #decline(refusal: Refusal): void {
    this.#report({ kind: 'refused', by: 'this-host', ...this.#base(), ...refusal });
    endWith(this.#socket, declinedFrame(refusal), this.#owner.config.handshakeTimeoutMs);
  }

  #welcomed(): void {
    this.#welcomedAt = performance.now();
    this.#socket.write(pingFrame);
    this.#listenForLife();
    this.#owner.reporter.report({ kind: 'connected', ...this.#base() });
    this.#owner.welcomed();
  }

  #listenForLife(): void {
    const reader = new FrameReader(handshakeBytesMax);
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        for (const frame of reader.read(chunk)) expectAlive(frame);
        this.#liveness.heard();
      } catch (error) {
        if (!isTransportError(error)) throw error;
        this.#closeInvalid(error);
      }
    });
    const { livenessTimeoutMs } = this.#owner.config;
    const timer = setInterval(() => {
      // Beyond the bound of the queue, because else nobody would ask a peer whose queue stays full.
      if (this.#liveness.ask()) this.#socket.write(pingFrame);
      else this.close(`no sign of life for ${livenessTimeoutMs} ms`);
    }, livenessTimeoutMs / intervalsPerTimeout);
    this.#socket.once('close', () => clearInterval(timer));
  }

  #closeInvalid({ code, message }: TransportError): void {
    this.#end({ kind: 'protocol-error', ...this.#base(), code, reason: message });
  }

  #end(event: TransportEvent): void {
    this.#report(event);
    this.#socket.destroy();
  }

  /** Of all the reasons to end only the first is reported: the others follow from it. */
  #report(event: TransportEvent): void {
    if (!this.#ended) this.#owner.reporter.report(event);
    this.#ended = true;
  }
}
