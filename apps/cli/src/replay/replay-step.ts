import { isDeepStrictEqual } from 'node:util';
import { decide, type Effect, evolve, type Input, type RaftEvent, type RaftState } from '@flotilla/core';
import type { RecordedLine } from '@flotilla/runtime';
import { differences } from './state-difference.ts';

/** A step, played again. */
export interface ReplayedStep {
  readonly number: number;
  readonly input: Input;
  readonly events: readonly RaftEvent[];
  readonly effects: readonly Effect[];
  readonly before: RaftState;
  readonly after: RaftState;
}

/** Something did not come out as it was recorded. */
export interface Mismatch {
  /** The step after which, or in which. */
  readonly number: number;
  /** In words, what is compared. */
  readonly what: string;
  readonly input: Input | null;
  readonly expected: unknown;
  readonly got: unknown;
}

/** What became of a line: a step that came out as recorded, something that did not, or nothing to show. */
export type Replayed =
  | { readonly kind: 'step'; readonly step: ReplayedStep }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'failed-again'; readonly number: number; readonly input: Input; readonly error: string }
  | { readonly kind: 'mismatch'; readonly mismatch: Mismatch };

/** Plays a line of a recording on `state`, the one after the line before. `last` is the number of the step before. */
export function replayLine(state: RaftState, line: RecordedLine, last: number): Replayed {
  switch (line.kind) {
    case 'step':
      return replayStep(state, line.number, line.step.input, line.step.events);
    case 'state':
      return isDeepStrictEqual(state, line.state) ? { kind: 'confirmed' } : differs(last, "the member's state", null, line.state, state);
    case 'failure':
      return replayFailure(state, line.number, line.input, line.error);
  }
}

function replayStep(before: RaftState, number: number, input: Input, recorded: readonly RaftEvent[]): Replayed {
  const decided = tryDecide(before, input);
  if ('error' in decided) return mismatch(number, 'what the core makes of it', input, recorded, decided.error);
  const { state: after, events, effects } = decided.decision;
  if (!isDeepStrictEqual(events, recorded)) return mismatch(number, 'the events', input, recorded, events);
  const folded = events.reduce(evolve, before);
  if (!isDeepStrictEqual(folded, after)) return differs(number, 'the fold of the events', input, after, folded);
  return { kind: 'step', step: { number, input, events, effects, before, after } };
}

function replayFailure(state: RaftState, number: number, input: Input, error: string): Replayed {
  const decided = tryDecide(state, input);
  if ('error' in decided && decided.error === error) return { kind: 'failed-again', number, input, error };
  return mismatch(number, 'the failure', input, error, 'error' in decided ? decided.error : decided.decision.events);
}

type Decided = { readonly decision: ReturnType<typeof decide> } | { readonly error: string };

function tryDecide(state: RaftState, input: Input): Decided {
  try {
    return { decision: decide(state, input) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function mismatch(number: number, what: string, input: Input | null, expected: unknown, got: unknown): Replayed {
  return { kind: 'mismatch', mismatch: { number, what, input, expected, got } };
}

/** States are large: only what differs is told. */
function differs(number: number, what: string, input: Input | null, expected: RaftState, got: RaftState): Replayed {
  const all = differences(expected, got);
  const side = (pick: 'before' | 'after') => new Map(all.map((each) => [each.path, pick in each ? Reflect.get(each, pick) : undefined]));
  return mismatch(number, what, input, side('before'), side('after'));
}
