import { decide, defaultRaftConfig, foundingMembership, type Input, initialState, type RaftState } from '@flotilla/core';
import type { RaftStep } from '@flotilla/runtime';

type Untimed = Input extends infer Each ? (Each extends Input ? Omit<Each, 'now' | 'wallTime'> : never) : never;

interface Watcher {
  start(state: RaftState): void;
  record(step: RaftStep, state: RaftState): void;
}

/** A group of one: everything that it decides goes to a watcher. Its writes are on disk at once. */
export class LoneMember {
  state: RaftState;
  readonly steps: RaftStep[] = [];
  readonly #watcher: Watcher;
  #now = 0;
  #ids = 0;

  constructor(watcher: Watcher) {
    this.#watcher = watcher;
    const address = { peerAddress: '127.0.0.1:7000', clientAddress: '127.0.0.1:7001' };
    const membership = foundingMembership([{ id: 1, ...address, voter: true, witness: false, priority: 0 }]);
    this.state = initialState({ id: 1, config: defaultRaftConfig, memberships: [{ index: 0, membership }], seed: 1, now: 0 });
    watcher.start(this.state);
  }

  /** Lets its election timeout pass: it wins. */
  lead(): void {
    this.#now += 2 * this.state.config.electionTimeoutMs;
    this.#input({ kind: 'deadline-reached' });
  }

  /** Takes a command of that many bytes: two steps, one for it and one for its write. */
  propose(bytes: number): void {
    this.#now++;
    this.#input({ kind: 'proposed', id: ++this.#ids, payloads: [new Uint8Array(bytes).fill(this.#ids)] });
  }

  #input(untimed: Untimed): void {
    const input: Input = { ...untimed, now: this.#now, wallTime: 1_700_000_000_000 + this.#now };
    const { state, events, effects } = decide(this.state, input);
    this.state = state;
    this.steps.push({ input, events });
    this.#watcher.record({ input, events }, state);
    for (const effect of effects) if (effect.kind === 'persist') this.#input({ kind: 'persisted', sequence: effect.sequence });
  }
}
