import { connect, type Socket } from 'node:net';
import type { MemberId } from '@flotilla/core';
import {
  encodeFrames,
  FrameReader,
  frameSize,
  framesSize,
  type GroupMessage,
  isTransportError,
  type TransportError,
} from '@flotilla/transport';
import { expectAlive, pingFrame } from './control-frame.ts';
import type { EventReporter } from './event-reporter.ts';
import { awaitFirstFrame } from './first-frame.ts';
import { type Answer, decodeAnswer, encodeHello, handshakeBytesMax } from './handshake.ts';
import { Liveness } from './liveness.ts';
import { refusalExplanations } from './refusal-reason.ts';
import type { TcpAddress, TcpConfig } from './tcp-options.ts';
import type { TransportEvent } from './transport-event.ts';
import { formatAddress, keepAliveDelayMs, watchSocket } from './watch-socket.ts';

/** A connection that we open to a peer, for what we send. */
export class OutboundConnection {
  readonly #peer: MemberId;
  readonly #address: string;
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #socket: Socket;
  readonly #liveness: Liveness;
  #wasReached = false;
  #welcomedAt: number | null = null;
  #ended = false;
  #suspected = false;
  #dropping = false;

  /** Begins to connect. `onGone` is called once, when the socket is gone for whatever reason. */
  constructor(peer: MemberId, address: TcpAddress, config: TcpConfig, reporter: EventReporter, onGone: () => void) {
    this.#peer = peer;
    this.#address = formatAddress(address);
    this.#config = config;
    this.#reporter = reporter;
    this.#liveness = new Liveness(config.livenessTimeoutMs);
    const { host, port } = address;
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
    this.#socket = socket;
    watchSocket(socket, (reason) => {
      this.close(reason);
      onGone();
    });
    socket.once('connect', () => {
      socket.write(encodeHello({ sender: config.memberId, receiver: peer, clusterId: config.clusterId }));
    });
    awaitFirstFrame(socket, config.handshakeTimeoutMs, decodeAnswer, {
      onFrame: (answer) => this.#answered(answer),
      onInvalid: (error) => this.#closeInvalid(error),
      onTimeout: () => this.close('no answer in time'),
    });
  }

  /** Whether the other side gave any answer. */
  get wasReached(): boolean {
    return this.#wasReached;
  }

  /** Milliseconds on the monotonic clock at which the peer let us in, or null. */
  get welcomedAt(): number | null {
    return this.#welcomedAt;
  }

  /** Takes all of the messages or none of them. */
  send(messages: readonly GroupMessage[]): boolean {
    if (this.#ended || this.#welcomedAt === null || !this.#socket.writable) return false;
    const now = performance.now();
    if (this.#liveness.isOverdue(now)) this.#suspect();
    if (!this.#liveness.shouldPing(now)) return this.#write(messages);
    // The ping goes along even where the messages are dropped: else nobody would ask a peer whose queue stays full.
    this.#socket.cork();
    try {
      this.#socket.write(pingFrame);
      return this.#write(messages);
    } finally {
      this.#socket.uncork();
    }
  }

  /** Closes the connection at once and reports `reason`. */
  close(reason: string): void {
    const kind = this.#welcomedAt === null ? 'not-connected' : 'disconnected';
    this.#end({ kind, direction: 'outbound', peer: this.#peer, address: this.#address, reason });
  }

  #write(messages: readonly GroupMessage[]): boolean {
    if (messages.length === 0) return true;
    const { frameBytesMax, queueBytesMax } = this.#config;
    const size = framesSize(messages);
    if (size > frameBytesMax && messages.some((message) => frameSize(message) > frameBytesMax)) return this.#drop('frame-too-large', size);
    if (this.#socket.writableLength + size > queueBytesMax) return this.#drop('queue-full', size);
    this.#socket.write(encodeFrames(messages, size));
    return true;
  }

  #drop(reason: 'frame-too-large' | 'queue-full', bytes: number): false {
    this.#reporter.report({ kind: 'send-dropped', peer: this.#peer, address: this.#address, reason, bytes });
    if (!this.#dropping) {
      this.#dropping = true;
      // Once the queue has been empty, the next drop is news again.
      this.#socket.once('drain', () => {
        this.#dropping = false;
        this.#reporter.forgetSends(this.#peer);
      });
    }
    return false;
  }

  /** The answer may be waiting to be read while this event loop was busy: look again after it had a chance to arrive. */
  #suspect(): void {
    if (this.#suspected) return;
    this.#suspected = true;
    setImmediate(() => {
      this.#suspected = false;
      if (this.#liveness.isOverdue(performance.now())) this.close(`no sign of life for ${this.#config.livenessTimeoutMs} ms`);
    });
  }

  #answered(answer: Answer): void {
    if (this.#ended) return;
    this.#wasReached = true;
    const common = { direction: 'outbound', peer: this.#peer, address: this.#address } as const;
    switch (answer.kind) {
      case 'refused':
        this.#end({ kind: 'refused', ...common, reason: answer.reason, explanation: refusalExplanations[answer.reason] });
        return;
      case 'welcome':
        this.#welcomedAt = performance.now();
        this.#listenForLife();
        this.#reporter.report({ kind: 'connected', ...common });
        return;
    }
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
  }

  #closeInvalid({ code, message }: TransportError): void {
    this.#end({ kind: 'protocol-error', direction: 'outbound', peer: this.#peer, address: this.#address, code, reason: message });
  }

  /** Of all the reasons to end only the first is reported: the others follow from it. */
  #end(event: TransportEvent): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reporter.report(event);
    this.#socket.destroy();
  }
}
