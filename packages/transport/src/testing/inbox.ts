import type { MemberId } from '@flotilla/core';
import type { GroupMessage, Receive, Transport } from '../transport.ts';

/** How long a test waits for something that has to happen. Long, because it is only spent where a test fails. */
const patienceMs = 20_000;
const pollMs = 2;

/** One call of the receive callback. */
export interface Batch {
  readonly from: MemberId;
  readonly messages: readonly GroupMessage[];
}

/** Collects what a transport receives and lets a test wait for it. */
export class Inbox {
  readonly batches: Batch[] = [];
  readonly receive: Receive = (from, messages) => void this.batches.push({ from, messages });

  /** The messages that came from `from`, in the order of their arrival. */
  from(from: MemberId): GroupMessage[] {
    return this.batches.flatMap((batch) => (batch.from === from ? batch.messages : []));
  }

  async whenReceived(from: MemberId, count: number): Promise<GroupMessage[]> {
    await until(`${count} messages from member ${from}`, () => this.from(from).length >= count);
    return this.from(from);
  }
}

/** Waits until `condition` holds; throws with `what` where it does not come to hold. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Sends as soon as the transport takes it. A batch that was not taken has not left, so nothing is sent twice. */
export async function sendSoon(transport: Transport, to: MemberId, messages: readonly GroupMessage[]): Promise<void> {
  if (!transport.send(to, messages)) await until(`member ${to} to be reachable`, () => transport.send(to, messages));
}

/** Sends `message` again and again, until `inbox` has got one from `from`: what a first send after a restart may lose. */
export async function sendUntilReceived(
  transport: Transport,
  to: MemberId,
  message: GroupMessage,
  inbox: Inbox,
  from: MemberId,
): Promise<void> {
  await until(`a message from member ${from} to arrive`, () => {
    transport.send(to, [message]);
    return inbox.from(from).length > 0;
  });
}
