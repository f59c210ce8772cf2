import type { Input } from '@flotilla/core';
import { type RecordingHeader, toExactJson } from '@flotilla/runtime';
import type { ReplayReport, ReplaySummary } from './replay-report.ts';
import type { ReplayedStep } from './replay-step.ts';
import { differences } from './state-difference.ts';

/** A replay for programs: one object on each line, values as in the recording itself. */
export class JsonReport implements ReplayReport {
  readonly #effects: boolean;

  constructor({ effects }: { readonly effects: boolean }) {
    this.#effects = effects;
  }

  begin({ member, group, first, state }: RecordingHeader): string {
    return line({ kind: 'recording', member, group, first, state });
  }

  step({ number, input, events, effects, before, after }: ReplayedStep): string {
    const changes = differences(before, after).map(({ kind, ...rest }) => ({ change: kind, ...rest }));
    return line({ kind: 'step', step: number, input, events, ...(this.#effects && { effects }), changes });
  }

  failedAgain(number: number, input: Input, error: string): string {
    return line({ kind: 'failed-again', step: number, input, error });
  }

  end({ state, mismatch, ...counts }: ReplaySummary): string {
    const summary = line({ kind: 'summary', ok: mismatch === null, ...counts, state });
    return mismatch === null ? summary : `${line({ kind: 'mismatch', ...mismatch })}\n${summary}`;
  }
}

function line(value: object): string {
  return JSON.stringify(toExactJson(value));
}
