import type { MemberId } from '@flotilla/core';
import type { GroupMessage } from '@flotilla/transport';
import { BackOff } from './back-off.ts';
import type { EventReporter } from './event-reporter.ts';
import { OutboundConnection } from './outbound-connection.ts';
import type { TcpConfig } from './tcp-options.ts';

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'open'; readonly connection: OutboundConnection }
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'closed' };

/** Our way to one peer: opens a connection, and opens it again when it breaks. */
export class OutboundPeer {
  readonly #peer: MemberId;
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #backOff: BackOff;
  #state: State = { kind: 'new' };
  /** Whether the last attempt failed though the peer was there. Then that it connects to us is no reason to hurry. */
  #rebuffed = false;
  #onGone: (() => void) | null = null;

  constructor(peer: MemberId, config: TcpConfig, reporter: EventReporter) {
    this.#peer = peer;
    this.#config = config;
    this.#reporter = reporter;
    this.#backOff = new BackOff(config.reconnect, config.random);
  }

  start(): void {
    if (this.#state.kind === 'new') this.#dial();
  }

  send(messages: readonly GroupMessage[]): boolean {
    return this.#state.kind === 'open' && this.#state.connection.send(messages);
  }

  /** The peer has just connected to us, so it is evidently there: do not wait any longer. */
  peerIsBack(): void {
    if (this.#state.kind !== 'waiting' || this.#rebuffed) return;
    clearTimeout(this.#state.timer);
    this.#backOff.reset();
    this.#dial();
  }

  /** Ends the connection for good; resolves when its socket is gone. */
  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'waiting') clearTimeout(state.timer);
    if (state.kind !== 'open') return;
    const gone = new Promise<void>((resolve) => {
      this.#onGone = resolve;
    });
    state.connection.close('this host closes');
    await gone;
  }

  #dial(): void {
    // Looked up for every attempt, so that an address that changed is followed.
    const address = this.#config.peers.get(this.#peer);
    if (address === undefined) return this.#wait();
    const connection = new OutboundConnection(this.#peer, address, this.#config, this.#reporter, () => this.#gone(connection));
    this.#state = { kind: 'open', connection };
  }

  #gone({ welcomedAt, wasReached }: OutboundConnection): void {
    this.#onGone?.();
    if (this.#state.kind === 'closed') return;
    const lasted = welcomedAt !== null && performance.now() - welcomedAt >= this.#config.reconnect.maxMs;
    // One that was let in and lost again at once must not be tried again and again without a pause that grows.
    if (lasted) this.#backOff.reset();
    this.#rebuffed = wasReached && !lasted;
    this.#wait();
  }

  #wait(): void {
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.#dial(), this.#backOff.next()) };
  }
}
