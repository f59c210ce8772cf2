import type { MemberId } from '@flotilla/core';
import type { GroupMessage, OnReachability } from '@flotilla/transport';
import { BackOff } from './back-off.ts';
import type { EventReporter } from './event-reporter.ts';
import { OutboundConnection } from './outbound-connection.ts';
import { parseAddress } from './tcp-address.ts';
import type { TcpConfig } from './tcp-options.ts';

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'open'; readonly connection: OutboundConnection }
  | { readonly kind: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'closed' };

/** What the way to a peer needs of this host. */
export interface Dialler {
  readonly config: TcpConfig;
  readonly reporter: EventReporter;
  /** Where this host is reached, for those who do not know it yet: `host:port`. */
  readonly advertise: string;
  readonly onReachability: OnReachability;
}

/** Our way to one peer: opens a connection, and opens it again when it breaks. */
export class OutboundPeer {
  readonly #peer: MemberId;
  readonly #dialler: Dialler;
  readonly #backOff: BackOff;
  #address: string;
  #state: State = { kind: 'new' };
  /** Whether the last attempt failed though the peer was there. Then that it connects to us is no reason to hurry. */
  #rebuffed = false;
  /** The peer has another address than the one that the open connection leads to. */
  #moved = false;
  #onGone: (() => void) | null = null;

  /** Begins to connect to `address`, which may be none: then it waits to be moved to a better one. */
  constructor(peer: MemberId, address: string, dialler: Dialler) {
    this.#peer = peer;
    this.#address = address;
    this.#dialler = dialler;
    this.#backOff = new BackOff(dialler.config.reconnect, dialler.config.random);
    this.#dial();
  }

  send(messages: readonly GroupMessage[]): boolean {
    return this.#state.kind === 'open' && this.#state.connection.send(messages);
  }

  /** The peer has just connected to us, so it is evidently there: do not wait any longer. */
  peerIsBack(): void {
    if (this.#state.kind === 'waiting' && !this.#rebuffed) this.#dialAtOnce(this.#state.timer);
  }

  /** From now on the peer is reached there; where that is another address, connects anew. */
  moveTo(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    if (this.#state.kind === 'waiting') this.#dialAtOnce(this.#state.timer);
    if (this.#state.kind !== 'open') return;
    this.#moved = true;
    this.#state.connection.close('the address of the peer changed');
  }

  /** Ends the connection for good; resolves when its socket is gone. Called once. */
  async close(reason: string): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'waiting') clearTimeout(state.timer);
    if (state.kind !== 'open') return;
    const gone = new Promise<void>((resolve) => {
      this.#onGone = resolve;
    });
    state.connection.close(reason);
    await gone;
  }

  #dial(): void {
    const { config, reporter, advertise, onReachability } = this.#dialler;
    this.#moved = false;
    const target = parseAddress(this.#address);
    if (target === null) {
      const base = { direction: 'outbound', peer: this.#peer, address: this.#address } as const;
      reporter.report({ kind: 'not-connected', ...base, reason: 'this is no address: it should be host:port' });
      return this.#wait();
    }
    const { memberId: sender, clusterId, incarnation } = config;
    const connection = new OutboundConnection({ sender, receiver: this.#peer, clusterId, incarnation, address: advertise }, target, {
      config,
      reporter,
      welcomed: () => onReachability(this.#peer, true),
      gone: (gone) => this.#gone(gone),
    });
    this.#state = { kind: 'open', connection };
  }

  #dialAtOnce(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#backOff.reset();
    this.#dial();
  }

  #gone({ welcomedAt, wasReached }: OutboundConnection): void {
    if (welcomedAt !== null) this.#dialler.onReachability(this.#peer, false);
    this.#onGone?.();
    if (this.#state.kind === 'closed') return;
    const lasted = welcomedAt !== null && performance.now() - welcomedAt >= this.#dialler.config.reconnect.maxMs;
    // One that was let in and lost again at once must not be tried again and again without a pause that grows.
    if (lasted || this.#moved) this.#backOff.reset();
    this.#rebuffed = wasReached && !lasted && !this.#moved;
    if (this.#moved) this.#dial();
    else this.#wait();
  }

  #wait(): void {
    this.#state = { kind: 'waiting', timer: setTimeout(() => this.#dial(), this.#backOff.next()) };
  }
}
