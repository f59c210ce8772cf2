import type { HistoryEvent, Serial } from './history-event.ts';

/**
 * What became of a call: as {@link HistoryEvent}'s types say, or `open` where its end is not in the history, or `applied` where
 * the log says that it was carried out, and by when, but its answer is unknown.
 */
export type OperationOutcome = 'open' | 'ok' | 'fail' | 'info' | 'applied';

/** A call from its invocation to its end. */
export interface Operation {
  readonly process: number;
  readonly f: string;
  readonly key: string | null;
  readonly input: unknown;
  readonly node: number | null;
  readonly serial: Serial | undefined;
  /** Simulated milliseconds. */
  readonly invokedAt: number;
  readonly invokeIndex: number;
  readonly outcome: OperationOutcome;
  /** The answer where the outcome is `ok`; the reason where it is `fail` or `info`. */
  readonly output: unknown;
  /** Simulated milliseconds; infinity while open. */
  readonly completedAt: number;
  /** The position of the end, or half a step behind the last event that it is known to be not later than; infinity while open. */
  readonly completeIndex: number;
}

/** Whether it is unknown that the call was carried out. */
export function isUncertain({ outcome }: Operation): boolean {
  return outcome === 'info' || outcome === 'open';
}

/** The events of these operations in the order in which they happened. */
export function eventsOf(operations: Iterable<Operation>): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const operation of operations) {
    const { process, f, key, node, serial, input, output, outcome } = operation;
    const call = { process, f, key, node, ...(serial !== undefined && { serial }) };
    events.push({ ...call, type: 'invoke', value: input, time: operation.invokedAt, index: operation.invokeIndex });
    if (outcome === 'open' || outcome === 'applied') continue;
    events.push({ ...call, type: outcome, value: output, time: operation.completedAt, index: operation.completeIndex });
  }
  return events.sort((a, b) => a.index - b.index);
}
