import type { MemberId } from '@flotilla/core';
import type { TransportFixture } from '@flotilla/transport/testing';
import { type TcpAddress, TcpTransport, type TcpTransportOptions, type TransportEvent } from '../src/index.ts';

const host = '127.0.0.1';

/** Nobody listens on this port: stands in for a member's port as long as that is not known. */
const nowhere = 1;

/** Transports of the members 1, 2 and 3 on ports that the system chooses and that restarted members keep. */
export class TcpCluster implements TransportFixture {
  readonly queueBytesMax = 4 * 1024 * 1024;
  readonly events: { readonly member: MemberId; readonly event: TransportEvent }[] = [];
  readonly #ports = new Map<MemberId, number>();
  readonly #transports: TcpTransport[] = [];
  readonly #options: Partial<TcpTransportOptions>;

  constructor(options: Partial<TcpTransportOptions> = {}) {
    this.#options = options;
  }

  create(member: MemberId, options: Partial<TcpTransportOptions> = {}): TcpTransport {
    const transport = new TcpTransport({
      clusterId: 'test',
      memberId: member,
      listen: { host, port: this.#ports.get(member) ?? 0 },
      peers: new Map([1, 2, 3].filter((id) => id !== member).map((id) => [id, this.addressOf(id)])),
      frameBytesMax: 2 * 1024 * 1024,
      queueBytesMax: this.queueBytesMax,
      reconnect: { minMs: 2, maxMs: 40 },
      ...this.#options,
      ...options,
      onEvent: (event) => {
        this.events.push({ member, event });
        if (event.kind === 'listening') this.#ports.set(member, Number(event.address.split(':').at(-1)));
      },
    });
    this.#transports.push(transport);
    return transport;
  }

  /** Looks the port up when it is asked for it, because it is not known before the member has started. */
  addressOf(member: MemberId): TcpAddress {
    const ports = this.#ports;
    return {
      host,
      get port() {
        return ports.get(member) ?? nowhere;
      },
    };
  }

  /** Lets `member` be reached where a test listens itself. */
  place(member: MemberId, port: number): void {
    this.#ports.set(member, port);
  }

  eventsOf<K extends TransportEvent['kind']>(member: MemberId, kind: K): Extract<TransportEvent, { kind: K }>[] {
    return this.events.flatMap(({ member: of, event }) =>
      of === member && event.kind === kind ? [event as Extract<TransportEvent, { kind: K }>] : [],
    );
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }
}
