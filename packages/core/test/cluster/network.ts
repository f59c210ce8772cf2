import type { MemberId, Message } from '../../src/index.ts';

export interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly message: Message;
}

/** Messages on their way, in the order in which they were sent. Each stays until it is taken out. */
export class Network {
  inFlight: Envelope[] = [];

  send(envelope: Envelope): void {
    this.inFlight.push(envelope);
  }

  /** Takes this very envelope out. */
  take(envelope: Envelope): void {
    const at = this.inFlight.indexOf(envelope);
    if (at === -1) throw new Error('the message is not in flight');
    this.inFlight.splice(at, 1);
  }

  duplicate(envelope: Envelope): void {
    this.inFlight.push({ ...envelope });
  }
}
