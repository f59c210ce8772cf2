import type { GroupId, MemberId, Message } from '@flotilla/core';

/** Who takes part, as far as this host knows. */
export interface Peers {
  /** Where each other member is reached: `host:port`. */
  readonly addresses: ReadonlyMap<MemberId, string>;
  /**
   * Members up to this id that are not among the addresses have been removed, and are refused. Higher ones may have been
   * added without this host knowing yet: they are let in, and answered at the address that they name.
   */
  readonly highestId: MemberId;
}

/** Told when a member becomes reachable or stops to be. At first none is. It must not throw. */
export type OnReachability = (peer: MemberId, reachable: boolean) => void;

/** A message of one group; a host carries many groups over one transport. */
export interface GroupMessage {
  readonly group: GroupId;
  readonly message: Message;
}

/** Called once for every batch that arrived together from one peer. It must not throw. */
export type Receive = (from: MemberId, messages: readonly GroupMessage[]) => void;

/**
 * The port for messages between hosts.
 *
 * Contract, checked by the conformance suite in `@flotilla/transport/testing`:
 * - Messages may be lost (a connection broke, a queue is full), never altered and never duplicated by the transport. As
 *   long as a connection lives, messages to one peer arrive in the order sent. Raft tolerates loss; the transport does
 *   not store and retry.
 * - `send` never blocks and never throws for a reason outside of the caller. It returns false where the messages were
 *   dropped because the peer is unreachable or its queue of unsent bytes is full: then none of them has left, which is
 *   what makes it safe to answer a forwarded command with "not applied". True promises no arrival.
 * - A peer that comes back is reached again without anybody's help.
 * - A peer that is lost is reported, within a time that the implementation states, even where nobody sends to it.
 */
export interface Transport {
  /** Begins to listen and to connect. Rejects with `port_in_use` where it cannot listen. */
  start(receive: Receive, onReachability?: OnReachability): Promise<void>;
  /** Who takes part from now on: connects to who is new, drops who is gone. May be called before `start`. */
  setPeers(peers: Peers): void;
  send(to: MemberId, messages: readonly GroupMessage[]): boolean;
  /** Stops listening and closes all connections; afterwards nothing is received any more. */
  close(): Promise<void>;
}
