import type { MemberId, Message } from '@flotilla/core';
import type { GroupMessage } from '@flotilla/transport';
import type { World } from '../engine/world.ts';
import type { SimProcess } from '../process/sim-process.ts';
import type { Connection } from './connection.ts';
import type { NetworkProfile } from './network-profile.ts';

/** Who is told of each message. It must not change anything. */
export interface NetworkWatch {
  /** A message leaves its host. */
  onSend?(from: MemberId, to: MemberId, message: Message): void;
  /** A message is handed to its receiver. */
  onDeliver?(from: MemberId, to: MemberId, message: Message): void;
}

/** What has happened on a network so far, in messages but for the last two. */
export interface NetworkCounts {
  sent: number;
  delivered: number;
  /** Taken by `send`, and never handed over because of the network, its faults, or a receiver that was gone. */
  lost: number;
  duplicated: number;
  reordered: number;
  /** Batches that a connection had to send again. */
  retransmitted: number;
  /** Messages that `send` did not take, because the peer's queue was full or the message too large. */
  refused: number;
  /** Connections that broke. */
  resets: number;
  /** Bytes of the frames that were sent. */
  bytes: number;
}

/** Whether the data of a member are those that it had: null, or why it is not let in. */
export type Admit = (peer: MemberId, incarnation: string) => string | null;

/** Who a life of a host is to its peers. */
export interface Identity {
  /** Tells its data directory from any other that it ever had. */
  readonly incarnation: string;
  readonly admit: Admit;
}

/** One life of a host, as connections from and to it see it. */
export interface Endpoint {
  readonly member: MemberId;
  readonly process: SimProcess;
  readonly identity: Identity;
  /** Whether it lets a member in that introduces itself so. */
  lets(peer: MemberId, incarnation: string): boolean;
  /** Both sides have let each other in. */
  adopt(inbound: Connection): void;
  /** The other side has closed this connection. */
  forget(inbound: Connection): void;
  receive(from: MemberId, messages: readonly GroupMessage[]): void;
  /** Closes everything: it stops by itself, or its system does so for a process that was killed. */
  leave(): void;
}

/** What connections have in common. */
export interface NetworkContext {
  readonly world: World;
  readonly profile: NetworkProfile;
  readonly counts: NetworkCounts;
  readonly watch: NetworkWatch;
  /** The life of that member that began to listen last; it may be dead. Null where a connection would be refused. */
  listening(member: MemberId): Endpoint | null;
}

/** Asks `admit`. One that throws refuses. */
export function trusts({ admit }: Identity, peer: MemberId, incarnation: string): boolean {
  try {
    return admit(peer, incarnation) === null;
  } catch {
    return false;
  }
}
