import type { Observer } from './observer.ts';

/** A property that holds at every moment of every run. Says so by throwing a `Violation` where it does not. */
export interface Invariant extends Observer {
  /** As in `election-safety`: the name of the file, and of the violation. */
  readonly name: string;
  /** Where it comes from: a section of the paper or of the thesis. */
  readonly source: string;
}
