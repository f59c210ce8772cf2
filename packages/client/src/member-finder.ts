import { CallSpan } from './call-span.ts';
import type { ClientLife } from './client-life.ts';
import type { Endpoints } from './endpoints.ts';
import { clientAddresses } from './membership.ts';
import type { Settings } from './options.ts';

/** How soon the members are asked again after a call failed, in milliseconds. */
const urgentIntervalMs = 250;

/**
 * Keeps the endpoints up to date while calls are made, so that a client outlives all the members that it was given.
 *
 * One question at a time, in the background; nobody waits for its answer, and one that fails changes nothing. A proxy in
 * front of the members hides their addresses on purpose, so behind an `https:` endpoint or a path nobody is looked for.
 */
export class MemberFinder {
  readonly #endpoints: Endpoints;
  readonly #settings: Settings;
  readonly #life: ClientLife;
  #asking = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(endpoints: Endpoints, settings: Settings, life: ClientLife) {
    this.#endpoints = endpoints;
    this.#settings = settings;
    this.#life = life;
  }

  /** `endpoint` answered: it can say who else there is. Urgent where the answer was a failure. */
  heardFrom(endpoint: string, urgent = false): void {
    const { membersIntervalMs, time } = this.#settings;
    if (membersIntervalMs === 0 || this.#asking || this.#life.isClosed || !/^http:\/\/[^/]+$/.test(endpoint)) return;
    const now = time.now();
    if (now - this.#askedAt < (urgent ? Math.min(urgentIntervalMs, membersIntervalMs) : membersIntervalMs)) return;
    this.#asking = true;
    this.#askedAt = now;
    void this.#ask(endpoint)
      .catch(() => {})
      .finally(() => {
        this.#asking = false;
      });
  }

  async #ask(endpoint: string): Promise<void> {
    const { channel, time, attemptTimeoutMs } = this.#settings;
    const span = new CallSpan(this.#life, time, attemptTimeoutMs, { background: true });
    try {
      const addresses = clientAddresses(await span.attempt(channel, endpoint, { kind: 'members', view: 'any' }));
      if (addresses.length > 0) this.#endpoints.learn(addresses);
    } finally {
      span.leave();
    }
  }
}
