import { eventKinds, inputKinds, messageKinds } from '@flotilla/runtime';
import { usageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';
import type { ReplayedStep } from './replay-step.ts';

/** The command line, as it was written. */
export interface ReplayFlags {
  readonly json?: boolean;
  readonly effects?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly only?: string;
}

/** What is shown of a replay, and where it ends. */
export interface ReplayOptions {
  readonly json: boolean;
  readonly effects: boolean;
  readonly from: number;
  /** The last step to play; infinity for all. */
  readonly to: number;
  /** Kinds of inputs, messages or events to show; null for all. */
  readonly only: readonly string[] | null;
}

/** Reads the flags. Throws usage errors. */
export function replayOptions({ json = false, effects = false, from, to, only }: ReplayFlags): ReplayOptions {
  const first = from === undefined ? 0 : wholeNumber('--from', from);
  const last = to === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--to', to);
  if (last < first) throw usageError(`--to ${last} comes before --from ${first}`, 'Steps are shown in the order in which they were.');
  return { json, effects, from: first, to: last, only: only === undefined ? null : parseKinds(only) };
}

/** Whether a step is to be shown. */
export function isShown({ from, only }: ReplayOptions, { number, input, events }: ReplayedStep): boolean {
  if (number < from) return false;
  if (only === null || only.includes(input.kind)) return true;
  if (input.kind === 'received' && only.includes(input.message.kind)) return true;
  return events.some(({ kind }) => only.includes(kind));
}

function parseKinds(text: string): readonly string[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const known = new Set([...inputKinds, ...messageKinds, ...eventKinds]);
  const unknown = kinds.find((kind) => !known.has(kind));
  if (unknown === undefined) return kinds;
  const list = (some: readonly string[]) => [...some].sort().join(', ');
  throw usageError(
    `--only ${unknown} is no kind of input, message or event`,
    `Inputs: ${list(inputKinds)}. Messages: ${list(messageKinds)}. Events: ${list(eventKinds)}.`,
  );
}
