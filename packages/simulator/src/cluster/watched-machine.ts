import type { MemberId } from '@flotilla/core';
import { type AppliedRequest, type CommittedRequest, ForwardingReplica, type ReplicatedMachine } from '@flotilla/state-machine';
import type { Watch } from '../watch/watch.ts';
import { stateOf } from './state-of.ts';

/** A member's machine, which tells of everything that it applies, and of its state from time to time. */
export class WatchedMachine extends ForwardingReplica {
  readonly #machine: ReplicatedMachine;
  readonly #member: MemberId;
  readonly #watch: Watch;
  readonly #digestEvery: number;
  #lastIndex = 0;

  /** Its state is told whenever the log passes a multiple of `digestEvery`: so all members tell theirs of the same moments. */
  constructor(machine: ReplicatedMachine, member: MemberId, watch: Watch, digestEvery: number) {
    super(machine);
    this.#machine = machine;
    this.#member = member;
    this.#watch = watch;
    this.#digestEvery = digestEvery;
  }

  override apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    const boundary = this.#digestEvery * Math.floor(this.#lastIndex / this.#digestEvery + 1);
    const cut = requests.findIndex(({ index }) => index > boundary);
    if (cut === -1) return this.#apply(requests);
    const before = cut === 0 ? [] : this.#apply(requests.slice(0, cut));
    this.#tellState();
    this.#lastIndex = boundary;
    return [...before, ...this.apply(requests.slice(cut))];
  }

  override snapshot(): Uint8Array {
    return this.#tellState();
  }

  /** It begins with the state as of `index`, which it found in its space. */
  recoveredAt(index: number): void {
    if (this.space === undefined || index === 0) return;
    this.#lastIndex = index;
    this.#watch.tell('onRecovered', this.#member, index, stateOf(this.#machine));
  }

  /** It was given the state as of `index`. */
  restoredTo(index: number): void {
    this.#lastIndex = index;
  }

  #tellState(): Uint8Array {
    const state = stateOf(this.#machine);
    this.#watch.tell('onSnapshot', this.#member, state);
    return state;
  }

  #apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    const results = super.apply(requests);
    this.#lastIndex = requests.at(-1)?.index ?? this.#lastIndex;
    this.#watch.tell('onApplied', this.#member, { requests, results });
    return results;
  }
}
