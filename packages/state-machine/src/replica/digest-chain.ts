import type { StateMachine } from '../contract.ts';
import { passOnNondeterminism } from '../machine-error.ts';
import { DigestHistory } from './digest-history.ts';
import { type DigestLanes, StateDigest } from './state-digest.ts';

/**
 * The state of a machine in memory is taken in whole, so seldom that it costs about so many bytes for each entry: with every entry as
 * long as it is no larger.
 */
const stateBytesPerEntry = 256;

/** Stands for a state that cannot be written, and is looked at again only after so many entries: to try takes as long as it is large. */
const unencodableMark = 0x7fff_ffff;
const unencodableEntries = 1000;

/** Where a chain of digests is: part of the state. */
export interface ChainPosition {
  /** The last entry that it covers. */
  readonly index: number;
  readonly lanes: DigestLanes;
  /** How many entries with commands are to come until the state of a machine in memory is taken in again. */
  readonly untilState: number;
}

const beginning: ChainPosition = { index: 0, lanes: new StateDigest().lanes, untilState: 1 };

/** The digest of all that the entries did, one after the other, and what it was after each of the last ones. */
export class DigestChain {
  readonly digest = new StateDigest();
  #history = new DigestHistory();
  #index = 0;
  #untilState = 1;

  constructor() {
    this.load(null);
  }

  get position(): ChainPosition {
    return { index: this.#index, lanes: this.digest.lanes, untilState: this.#untilState };
  }

  /** Goes on from `position`; begins anew with null. What was before is not known any more. */
  load(position: ChainPosition | null): void {
    const { index, lanes, untilState } = position ?? beginning;
    this.digest.lanes = lanes;
    this.#index = index;
    this.#untilState = untilState;
    this.#history = new DigestHistory();
    this.#history.push(index, this.digest.value);
  }

  /** See {@link DigestHistory.at}. */
  at(index: number): number {
    return this.#history.at(index);
  }

  /** The entry is applied. `machine` is the one that it changed, if its state is in memory. */
  close(index: number, machine: StateMachine | null): void {
    if (machine !== null && --this.#untilState <= 0) {
      this.#untilState = this.#takeIn(machine);
    }
    this.digest.number(index);
    this.#index = index;
    this.#history.push(index, this.digest.value);
  }

  /** Returns after how many entries to do it again. A state that cannot be written is for whoever saves it to complain about. */
  #takeIn(machine: StateMachine): number {
    try {
      const bytes = machine.snapshot();
      this.digest.bytes(bytes);
      return Math.max(1, Math.ceil(bytes.length / stateBytesPerEntry));
    } catch (error) {
      passOnNondeterminism(error);
      this.digest.word(unencodableMark);
      return unencodableEntries;
    }
  }
}
