import type { MemberId } from '@flotilla/core';
import type { Peers } from '@flotilla/transport';
import { TcpTransport, type TcpTransportOptions, type TransportEvent } from '../src/index.ts';

const host = '127.0.0.1';

/** Transports of members on ports that the system chooses and that restarted members keep. */
export class TcpCluster {
  readonly queueBytesMax = 4 * 1024 * 1024;
  readonly events: { readonly member: MemberId; readonly event: TransportEvent }[] = [];
  readonly #ports = new Map<MemberId, number>();
  readonly #running = new Map<MemberId, TcpTransport>();
  readonly #transports: TcpTransport[] = [];
  readonly #options: Partial<TcpTransportOptions>;

  constructor(options: Partial<TcpTransportOptions> = {}) {
    this.#options = options;
  }

  /** A transport that knows the members 1, 2 and 3, each as soon as it listens. */
  create(member: MemberId, options: Partial<TcpTransportOptions> = {}): TcpTransport {
    const transport = this.createAlone(member, options);
    this.#running.set(member, transport);
    transport.setPeers(this.peers());
    return transport;
  }

  /** A transport that knows nobody. */
  createAlone(member: MemberId, options: Partial<TcpTransportOptions> = {}): TcpTransport {
    const transport = new TcpTransport({
      clusterId: 'test',
      memberId: member,
      listen: { host, port: this.#ports.get(member) ?? 0 },
      frameBytesMax: 2 * 1024 * 1024,
      queueBytesMax: this.queueBytesMax,
      reconnect: { minMs: 2, maxMs: 40 },
      ...this.#options,
      ...options,
      onEvent: (event) => {
        this.events.push({ member, event });
        if (event.kind === 'listening') this.place(member, Number(event.address.split(':').at(-1)));
      },
    });
    this.#transports.push(transport);
    return transport;
  }

  /** Lets `member` be reached at that port, be it its own or one where a test listens itself. */
  place(member: MemberId, port: number): void {
    this.#ports.set(member, port);
    for (const transport of this.#running.values()) transport.setPeers(this.peers());
  }

  /** It is 1, where nobody listens, as long as that of the member is not known. */
  portOf(member: MemberId): number {
    return this.#ports.get(member) ?? 1;
  }

  addressOf(member: MemberId): string {
    return `${host}:${this.portOf(member)}`;
  }

  peers(members: readonly MemberId[] = [1, 2, 3]): Peers {
    return { addresses: new Map(members.map((id) => [id, this.addressOf(id)])), highestId: 3 };
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
