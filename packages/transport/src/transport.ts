import type { GroupId, MemberId, Message } from '@flotilla/core';

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
 */
export interface Transport {
  /** Begins to listen and to connect. Rejects with `port_in_use` where it cannot listen. */
  start(receive: Receive): Promise<void>;
  send(to: MemberId, messages: readonly GroupMessage[]): boolean;
  /** Stops listening and closes all connections; afterwards nothing is received any more. */
  close(): Promise<void>;
}
