import type { Operation, OperationOutcome } from '../history/operation.ts';

/** A call from its beginning to what its client heard of it. */
export interface CallSpan {
  /** Simulated milliseconds. */
  readonly from: number;
  /** Simulated milliseconds; the end of the run for one that nobody answered. */
  readonly to: number;
  readonly outcome: OperationOutcome;
  readonly text: string;
}

/** The calls of a history in the order of their beginnings. */
export function callSpans(history: readonly Operation[], endMs: number): readonly CallSpan[] {
  return [...history]
    .sort((a, b) => a.invokeIndex - b.invokeIndex)
    .map((operation) => ({
      from: operation.invokedAt,
      to: Math.min(operation.completedAt, endMs),
      outcome: operation.outcome,
      text: describeCall(operation),
    }));
}

function describeCall({ serial, f, key, input, outcome, output }: Operation): string {
  const call = [serial === undefined ? '' : `call ${serial}:`, f, key ?? '', shown(input)].filter((part) => part !== '').join(' ');
  return `${call} → ${outcome}${outcome === 'open' ? '' : ` ${shown(output)}`}`;
}

/** The most characters of a value that are shown. */
const shownMax = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? `${each.length} bytes` : each)) ?? '';
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}
