import type { MemberId } from '@flotilla/core';
import type { TransportEvent } from './transport-event.ts';

/** Of so many subjects the last event is kept in mind. Beyond it, as among strangers, all new ones count as one. */
const subjectsMax = 1_024;

/** Passes events on, but not the same one of the same peer twice in a row: reconnecting must not flood the log. */
export class EventReporter {
  readonly #onEvent: (event: TransportEvent) => void;
  readonly #last = new Map<string, string>();

  constructor(onEvent: (event: TransportEvent) => void) {
    this.#onEvent = onEvent;
  }

  report(event: TransportEvent): void {
    const subject = this.#bounded(subjectOf(event));
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

  /** Whoever others say they are, they cannot make the map grow without end. */
  #bounded(subject: string): string {
    return this.#last.has(subject) || this.#last.size < subjectsMax ? subject : 'stranger';
  }

  /** Lets the next event about sends to `peer` through, even if it equals the last one. */
  forgetSends(peer: MemberId): void {
    this.#last.delete(`send ${peer}`);
  }
}

/** Events of one subject are compared with each other. */
function subjectOf(event: TransportEvent): string {
  switch (event.kind) {
    case 'listening':
    case 'listener-failed':
      return 'listener';
    case 'connected':
    case 'disconnected':
    case 'not-connected':
    case 'refused':
    case 'protocol-error':
      return event.peer === null ? `${event.direction} stranger` : `${event.direction} ${event.peer}`;
    case 'receive-failed':
      return `inbound ${event.peer}`;
    case 'send-dropped':
      return `send ${event.peer}`;
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
    case 'receive-failed':
    case 'send-dropped':
    case 'listener-failed':
      return `${event.kind} ${event.reason}`;
    case 'refused':
      return `${event.kind} ${event.by} ${event.reason} ${event.explanation} ${event.seen}`;
  }
}
