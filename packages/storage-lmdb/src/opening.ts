import { randomBytes } from 'node:crypto';

/** One opening of a data directory, as the members tell each other. */
export interface Opening {
  /** Drawn when the directory was created. */
  readonly data: string;
  /** Counts its openings. */
  readonly generation: number;
  /** Drawn at each opening: two openings of the same generation come of two copies. */
  readonly run: string;
}

/** An opening of this generation as text, with a new `run`: at most 64 characters. */
export function newOpening(data: string, generation: number): string {
  return describeOpening({ data, generation, run: randomBytes(4).toString('hex') });
}

/** An opening as the members tell each other. */
export function describeOpening({ data, generation, run }: Opening): string {
  return `${data}.${generation}.${run}`;
}

/**
 * Whether `seen`, which somebody remembers of a member, shows that `own` is an older copy of the same data: null, or which opening it was.
 * Anything else says nothing of this data, such as what is remembered of another directory.
 */
export function laterOpening(own: string, seen: string): Opening | null {
  const [ours, theirs] = [parseOpening(own), parseOpening(seen)];
  if (!ours || !theirs || ours.data !== theirs.data) return null;
  const isLater = theirs.generation > ours.generation || (theirs.generation === ours.generation && theirs.run !== ours.run);
  return isLater ? theirs : null;
}

/** Reads what {@link describeOpening} gave; undefined for anything else. */
export function parseOpening(text: string): Opening | undefined {
  const [, data, generation, run] = /^([!-~]{1,64})\.(\d{1,15})\.([0-9a-f]{8})$/.exec(text) ?? [];
  return data === undefined || generation === undefined || run === undefined ? undefined : { data, generation: Number(generation), run };
}
