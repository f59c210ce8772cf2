import type { MemberId } from '@flotilla/core';
import type { TransportEvent } from './transport-event.ts';

/** Passes events on, but not the same one of the same peer twice in a row: reconnecting must not flood the log. */
export class EventReporter {
  readonly #onEvent: (event: TransportEvent) => void;
  readonly #isPeer: (id: MemberId) => boolean;
  readonly #last = new Map<string, string>();

  constructor(onEvent: (event: TransportEvent) => void, isPeer: (id: MemberId) => boolean) {
    this.#onEvent = onEvent;
    this.#isPeer = isPeer;
  }

  report(event: TransportEvent): void {
    const subject = this.#subject(event);
    const content = contentOf(event);
    if (this.#last.get(subject) === content) return;
    this.#last.set(subject, content);
    try {
      this.#onEvent(event);
    } catch (error) {
      // A listener of events must not stop the transport, and its failure must not pass unseen.
      process.emitWarning(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** All strangers share a subject: whoever they say they are, they cannot make this map grow. */
  #subject(event: TransportEvent): string {
    switch (event.kind) {
      case 'listening':
      case 'listener-failed':
        return 'listener';
      case 'connected':
      case 'disconnected':
      case 'not-connected':
      case 'refused':
      case 'protocol-error':
        return `${event.direction} ${event.peer !== null && this.#isPeer(event.peer) ? event.peer : 'stranger'}`;
      case 'receive-failed':
        return `inbound ${event.peer}`;
      case 'send-dropped':
        return `send ${event.peer}`;
    }
  }

  /** Lets the next event about sends to `peer` through, even if it equals the last one. */
  forgetSends(peer: MemberId): void {
    this.#last.delete(`send ${peer}`);
  }
}

/** What makes two events the same. The address is left out, because a port changes with every attempt. */
function contentOf(event: TransportEvent): string {
  switch (event.kind) {
    case 'listening':
    case 'connected':
      return event.kind;
    case 'protocol-error':
      // The reason describes arbitrary bytes, so that two attempts of one broken peer differ in it.
      return `${event.kind} ${event.code}`;
    case 'disconnected':
    case 'not-connected':
    case 'refused':
    case 'receive-failed':
    case 'send-dropped':
    case 'listener-failed':
      return `${event.kind} ${event.reason}`;
  }
}
