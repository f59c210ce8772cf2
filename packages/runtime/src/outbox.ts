import type { GroupId, MemberId, Message } from '@flotilla/core';
import type { GroupMessage, Transport } from '@flotilla/transport';
import { inject, injectable } from 'inversify';
import { tokens } from './tokens.ts';

/** Tells a group that a message did not leave. */
export type OnDropped = (message: Message) => void;

/** Collects the messages of a turn, so that each peer gets one write (all groups share the connection). */
@injectable()
export class Outbox {
  readonly #transport: Transport;
  /** In the order in which peers were first written to; null where nothing waits. */
  readonly #queues = new Map<MemberId, GroupMessage[] | null>();
  readonly #onDropped = new Map<GroupId, OnDropped>();
  #isEmpty = true;

  constructor(@inject(tokens.transport) transport: Transport) {
    this.#transport = transport;
  }

  register(group: GroupId, onDropped: OnDropped): void {
    this.#onDropped.set(group, onDropped);
  }

  add(group: GroupId, to: MemberId, message: Message): void {
    this.#isEmpty = false;
    const queue = this.#queues.get(to);
    if (queue) queue.push({ group, message });
    else this.#queues.set(to, [{ group, message }]);
  }

  flush(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    for (const [to, messages] of this.#queues) {
      if (messages === null) continue;
      this.#queues.set(to, null);
      if (this.#transport.send(to, messages)) continue;
      for (const { group, message } of messages) this.#onDropped.get(group)?.(message);
    }
  }
}
