import type { Operation } from '../history/operation.ts';

/**
 * What is left to be put in order: the beginnings and ends of calls, in a list from which a call can be taken and to which it
 * can be given back in constant time, the last taken first (G. Lowe, Testing for linearizability, 2017).
 *
 * Entry `i` is the beginning of call `i` and entry `size + i` its end. Everything that begins before the first end may come next.
 */
export class OpenCalls {
  readonly size: number;
  readonly #head: number;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** `operations` are in the order of their invocation. */
  constructor(operations: readonly Operation[]) {
    const size = operations.length;
    this.size = size;
    this.#head = 2 * size;
    this.#next = new Int32Array(2 * size + 1);
    this.#previous = new Int32Array(2 * size + 1);
    const ends = Float64Array.from(operations, ({ completeIndex }) => completeIndex);
    const byEnd = Int32Array.from(ends.keys()).sort((a, b) => (ends[a] as number) - (ends[b] as number));
    let last = this.#head;
    const add = (entry: number) => {
      this.#next[last] = entry;
      this.#previous[entry] = last;
      last = entry;
    };
    let ended = 0;
    for (let i = 0; i < size; i++) {
      const { invokeIndex } = operations[i] as Operation;
      for (let end = byEnd[ended] as number; ended < i && (ends[end] as number) < invokeIndex; end = byEnd[ended] as number) {
        add(size + end);
        ended++;
      }
      add(i);
    }
    for (; ended < size; ended++) add(size + (byEnd[ended] as number));
    this.#next[last] = this.#head;
    this.#previous[this.#head] = last;
  }

  /** The first entry: the beginning of a call, unless nothing is left. */
  get first(): number {
    return this.#next[this.#head] as number;
  }

  after(entry: number): number {
    return this.#next[entry] as number;
  }

  /** What comes {@link OpenCalls.after} the call stays known. */
  take(call: number): void {
    this.#unlink(this.size + call);
    this.#unlink(call);
  }

  giveBack(call: number): void {
    this.#link(call);
    this.#link(this.size + call);
  }

  #unlink(entry: number): void {
    const [next, previous] = [this.#next[entry] as number, this.#previous[entry] as number];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #link(entry: number): void {
    this.#next[this.#previous[entry] as number] = entry;
    this.#previous[this.#next[entry] as number] = entry;
  }
}
