import type { MemberId } from '@flotilla/core';
import type { Command, CommittedCommand, Outcome, StateMachine, StateSpace } from '@flotilla/state-machine';
import type { Watch } from '../watch/watch.ts';

/** A member's machine, which tells of everything that it applies, and of its state from time to time. */
export class WatchedMachine implements StateMachine {
  readonly name: string;
  readonly version: number;
  readonly #machine: StateMachine;
  readonly #member: MemberId;
  readonly #watch: Watch;
  readonly #digestEvery: number;
  #lastIndex = 0;

  /** Its state is told whenever the log passes a multiple of `digestEvery`: so all members tell theirs of the same moments. */
  constructor(machine: StateMachine, member: MemberId, watch: Watch, digestEvery: number) {
    this.name = machine.name;
    this.version = machine.version;
    this.#machine = machine;
    this.#member = member;
    this.#watch = watch;
    this.#digestEvery = digestEvery;
  }

  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    const boundary = this.#digestEvery * Math.floor(this.#lastIndex / this.#digestEvery + 1);
    const cut = commands.findIndex(({ index }) => index > boundary);
    if (cut === -1) return this.#apply(commands);
    const before = cut === 0 ? [] : this.#apply(commands.slice(0, cut));
    this.snapshot();
    this.#lastIndex = boundary;
    return [...before, ...this.apply(commands.slice(cut))];
  }

  get space(): StateSpace | undefined {
    return this.#machine.space;
  }

  query(type: string, input: unknown): unknown {
    return this.#machine.query(type, input);
  }

  encode(command: Command): Promise<Uint8Array> {
    return this.#machine.encode(command);
  }

  decode(payload: Uint8Array): Command {
    return this.#machine.decode(payload);
  }

  snapshot(): Uint8Array {
    const state = this.#machine.snapshot();
    this.#watch.tell('onSnapshot', this.#member, state);
    return state;
  }

  restore(state: Uint8Array): void {
    this.#machine.restore(state);
  }

  /** It begins with the state as of `index`, which it found in its space. */
  recoveredAt(index: number): void {
    if (this.space === undefined || index === 0) return;
    this.#lastIndex = index;
    this.#watch.tell('onRecovered', this.#member, index, this.#machine.snapshot());
  }

  /** It was given the state as of `index`. */
  restoredTo(index: number): void {
    this.#lastIndex = index;
  }

  #apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    const outcomes = this.#machine.apply(commands);
    this.#lastIndex = commands.at(-1)?.index ?? this.#lastIndex;
    this.#watch.tell('onApplied', this.#member, { commands, outcomes });
    return outcomes;
  }
}
