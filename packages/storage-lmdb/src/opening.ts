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
export function describeOpening(data: string, generation: number): string {
  return `${data}.${generation}.${randomBytes(4).toString('hex')}`;
}

/** Reads what {@link describeOpening} gave; undefined for anything else. */
export function parseOpening(text: string): Opening | undefined {
  const [, data, generation, run] = /^([!-~]{1,64})\.(\d{1,15})\.([0-9a-f]{8})$/.exec(text) ?? [];
  return data === undefined || generation === undefined || run === undefined ? undefined : { data, generation: Number(generation), run };
}
