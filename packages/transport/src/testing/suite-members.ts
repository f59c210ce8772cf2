import type { MemberId } from '@flotilla/core';
import type { OnReachability, Peers, Transport } from '../transport.ts';
import { Inbox } from './inbox.ts';

/** A network of the members 1, 2 and 3. */
export interface TransportFixture {
  /**
   * A transport of `member`, not started, that knows no peers. After it was closed, a second call gives the same member
   * restarted at the same address; while it runs, a second call gives one that finds this address taken.
   */
  create(member: MemberId): Transport;
  /** Where that member is reached. Asked once it has started. */
  addressOf(member: MemberId): string;
  /**
   * From now on nothing gets to this member or comes from it, though nobody closes anything: its process was stopped, or
   * its cable was cut.
   */
  silence(member: MemberId): void;
  /** The bound of unsent bytes per peer that these transports were given: at least 2 MiB, and few enough to fill. */
  readonly queueBytesMax: number;
  /** Takes the network away. Every transport was closed before. */
  dispose?(): Promise<void>;
}

/** A member that a test has started. */
export interface SuiteMember {
  readonly id: MemberId;
  readonly transport: Transport;
  readonly inbox: Inbox;
  /** What it was told about others, in order: `+2` reachable, `-2` not any more. */
  readonly reachability: string[];
}

/** Starts the members of one test, and lets those that run know each other. */
export class SuiteMembers {
  readonly fixture: TransportFixture;
  readonly #created: Transport[] = [];
  readonly #introduced: SuiteMember[] = [];

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
  }

  create(member: MemberId): Transport {
    const transport = this.fixture.create(member);
    this.#created.push(transport);
    return transport;
  }

  /** Starts a member and introduces it to all others that were, in both directions. */
  async start(id: MemberId): Promise<SuiteMember> {
    const member = await this.startAlone(id);
    this.#introduced.push(member);
    for (const { id: other, transport } of this.#introduced) transport.setPeers(this.peersOf(other));
    return member;
  }

  /** Starts a member that knows of `peers` and that nobody is told of. */
  async startAlone(id: MemberId, peers?: Peers): Promise<SuiteMember> {
    const transport = this.create(id);
    const inbox = new Inbox();
    const reachability: string[] = [];
    const onReachability: OnReachability = (peer, reachable) => void reachability.push(`${reachable ? '+' : '-'}${peer}`);
    if (peers) transport.setPeers(peers);
    await transport.start(inbox.receive, onReachability);
    return { id, transport, inbox, reachability };
  }

  /** What a member that was introduced knows: all others that were. */
  peersOf(member: MemberId): Peers {
    return this.peers(
      3,
      this.#introduced.map(({ id }) => id).filter((id) => id !== member),
    );
  }

  /** These members at their addresses. */
  peers(highestId: MemberId, members: readonly MemberId[]): Peers {
    return { addresses: new Map(members.map((id) => [id, this.fixture.addressOf(id)])), highestId };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#created.map((transport) => transport.close()));
    await this.fixture.dispose?.();
  }
}
