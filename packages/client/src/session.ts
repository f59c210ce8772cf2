import type { SessionStamp } from '@flotilla/state-machine';
import type { CallSpan } from './call-span.ts';
import { WaitingLine } from './waiting-line.ts';

/** How far a command may be ahead of the oldest one without an outcome: for so many a group keeps the replies. */
const windowMax = 1000;

/** A session that the group has opened for this client, and the numbers of the commands in it. */
export class Session {
  readonly id: number;
  readonly ttlMs: number;
  /** When the group heard of it last, at the least; milliseconds of the client's time. */
  heardAt: number;
  #isLost = false;
  #next = 1;
  /** No command with a lower number is still to get an outcome. */
  #lowest = 1;
  readonly #underWay = new Set<number>();
  readonly #line = new WaitingLine<number | null>();

  constructor(id: number, ttlMs: number, heardAt: number) {
    this.id = id;
    this.ttlMs = ttlMs;
    this.heardAt = heardAt;
  }

  /**
   * The number of a new command, once there is room for it; null where the call is over before, or the session lost. Whoever gets a
   * number settles it. Throws `overloaded` where too many wait.
   */
  async number(span: CallSpan): Promise<number | null> {
    if (this.#isLost) return null;
    if (this.#hasRoom && this.#line.isEmpty) return this.#take();
    this.#line.assertRoom();
    return span.until<number | null>((ready) => this.#line.join(ready));
  }

  /** The stamp of the command with this number. */
  stamp(sequence: number): SessionStamp {
    return { session: this.id, sequence, acknowledged: this.#lowest };
  }

  /** The command has its outcome, or nobody waits for it any more: it will not be sent again. */
  settle(sequence: number): void {
    this.#underWay.delete(sequence);
    while (this.#lowest < this.#next && !this.#underWay.has(this.#lowest)) this.#lowest++;
    while (this.#hasRoom && !this.#line.isEmpty) this.#line.serve(this.#take());
  }

  /** The group knows it no more. */
  lose(): void {
    this.#isLost = true;
    this.#line.serveAll(null);
  }

  get #hasRoom(): boolean {
    return !this.#isLost && this.#next - this.#lowest < windowMax;
  }

  #take(): number {
    const sequence = this.#next++;
    this.#underWay.add(sequence);
    return sequence;
  }
}
