import type { Input, RaftState } from '@flotilla/core';
import type { RecordingHeader } from '@flotilla/runtime';
import type { Mismatch, ReplayedStep } from './replay-step.ts';

/** How a replay ended. */
export interface ReplaySummary {
  /** Steps that were played, and how many of them were shown. */
  readonly played: number;
  readonly shown: number;
  /** Numbers of the first and the last step played; null where there was none. */
  readonly range: { readonly first: number; readonly last: number } | null;
  /** How often the member's own state stood in the recording, and was the same. */
  readonly confirmed: number;
  /** The recording ends in the middle of a line. */
  readonly torn: boolean;
  readonly state: RaftState;
  /** Null where everything came out as recorded. */
  readonly mismatch: Mismatch | null;
}

/** Where a replay is told: to people, or to programs. Each call gives whole lines without the last one's end. */
export interface ReplayReport {
  begin(header: RecordingHeader): string;
  step(step: ReplayedStep): string;
  failedAgain(number: number, input: Input, error: string): string;
  end(summary: ReplaySummary): string;
}
