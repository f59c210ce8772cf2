import type { Socket } from 'node:net';
import type { MemberId } from '@flotilla/core';
import { decodeFrame, FrameReader, type GroupMessage, isTransportError, type Receive, type TransportError } from '@flotilla/transport';
import { aliveFrame, expectPing, isControlFrame } from './control-frame.ts';
import type { EventReporter } from './event-reporter.ts';
import { awaitFirstFrame } from './first-frame.ts';
import { decodeGreeting, encodeAnswer, type Greeting } from './handshake.ts';
import { pingsPerTimeout } from './liveness.ts';
import { type RefusalReason, refusalExplanations } from './refusal-reason.ts';
import type { TcpConfig } from './tcp-options.ts';
import type { TransportEvent } from './transport-event.ts';
import { remoteAddress, watchSocket } from './watch-socket.ts';

/** Answers that may wait to be sent; one who pings and never reads gets no more. */
const answerBytesMax = 4_096;

/** What an inbound connection needs of the listener that accepted it. */
export interface InboundOwner {
  readonly config: TcpConfig;
  readonly reporter: EventReporter;
  readonly receive: Receive;
  /** The other side has proved to be our peer; afterwards its messages are taken. */
  introduced(connection: InboundConnection, peer: MemberId): void;
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
    if (!this.#ended) this.#owner.reporter.report(event);
    this.#ended = true;
    this.#socket.destroy();
  }

  #greeted(greeting: Greeting): void {
    if (this.#ended) return;
    const reason = refusalOf(greeting, this.#owner.config);
    if (reason !== null) this.#refuse(reason, greeting);
    else if (greeting.kind === 'hello') this.#welcome(greeting.hello.sender);
  }

  #refuse(reason: RefusalReason, greeting: Greeting): void {
    this.#ended = true;
    const peer = greeting.kind === 'hello' && reason !== 'wrong-cluster' ? greeting.hello.sender : null;
    const explanation = refusalExplanations[reason];
    this.#owner.reporter.report({ kind: 'refused', direction: 'inbound', peer, address: this.#address, reason, explanation });
    this.#socket.end(encodeAnswer({ kind: 'refused', reason }));
    this.#socket.destroySoon();
    // One who does not even read the refusal gets no more time than anybody else.
    this.#socket.setTimeout(this.#owner.config.handshakeTimeoutMs, () => this.#socket.destroy());
  }

  #welcome(peer: MemberId): void {
    const socket = this.#socket;
    socket.write(encodeAnswer({ kind: 'welcome' }));
    this.#peer = peer;
    socket.on('data', (chunk: Buffer) => this.#onData(peer, chunk));
    this.#owner.introduced(this, peer);
    this.#owner.reporter.report({ kind: 'connected', direction: 'inbound', peer, address: this.#address });
  }

  #onData(peer: MemberId, chunk: Buffer): void {
    if (this.#ended) return;
    let messages: readonly GroupMessage[];
    try {
      messages = this.#decode(chunk);
    } catch (error) {
      if (!isTransportError(error)) throw error;
      this.#closeInvalid(error);
      return;
    }
    if (messages.length > 0) this.#handOver(peer, messages);
  }

  #decode(chunk: Buffer): GroupMessage[] {
    const messages: GroupMessage[] = [];
    let pinged = false;
    for (const frame of this.#reader.read(chunk)) {
      if (isControlFrame(frame)) {
        expectPing(frame);
        pinged = true;
      } else messages.push(decodeFrame(frame));
    }
    this.#answer(pinged);
    return messages;
  }

  /** Answers pings, and shows life while a long queue keeps the next ping from arriving. */
  #answer(pinged: boolean): void {
    const now = performance.now();
    if (!pinged && now - this.#answeredAt < this.#owner.config.livenessTimeoutMs / pingsPerTimeout) return;
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

/** The version first, because it says how to read the rest; then from the coarse to the fine. */
function refusalOf(greeting: Greeting, { clusterId, memberId, peers }: TcpConfig): RefusalReason | null {
  if (greeting.kind === 'other-version') return 'unsupported-version';
  const { hello } = greeting;
  if (hello.clusterId !== clusterId) return 'wrong-cluster';
  if (hello.receiver !== memberId) return 'wrong-member';
  if (hello.sender === memberId || !peers.has(hello.sender)) return 'unknown-member';
  return null;
}
