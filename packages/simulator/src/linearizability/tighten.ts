import { HistoryError } from '../history/history-error.ts';
import type { Serial } from '../history/history-event.ts';
import { isUncertain, type Operation } from '../history/operation.ts';

/** For each write in the committed log, by its serial, the simulated milliseconds at which it was first known to be applied. */
export type CommittedWrites = ReadonlyMap<Serial, number>;

/**
 * Says of writes whose outcome nobody was told what the committed log knows: those that it does not hold are left out, and those
 * that it holds were carried out, and not later than they were applied. With that, the check is stricter and much cheaper.
 *
 * `committed` has to be all of the log that was ever applied, up to the end of the history. Calls without a serial stay as they are.
 * Throws `history_applied_early` where a write was applied before anybody asked for it.
 */
export function tighten(operations: readonly Operation[], committed: CommittedWrites): Operation[] {
  const clock = clockOf(operations);
  const tightened: Operation[] = [];
  for (const operation of operations) {
    if (!isUncertain(operation) || operation.serial === undefined) {
      tightened.push(operation);
      continue;
    }
    const appliedAt = committed.get(operation.serial);
    if (appliedAt === undefined) continue;
    if (appliedAt < operation.invokedAt) throw appliedEarly(operation, appliedAt);
    const completeIndex = clock(appliedAt);
    tightened.push({ ...operation, outcome: 'applied', output: undefined, completedAt: appliedAt, completeIndex });
  }
  return tightened;
}

/** Half a step behind the last event that is not later than a time: events at that very time may have come before or after. */
function clockOf(operations: readonly Operation[]): (time: number) => number {
  const events: { readonly time: number; readonly index: number }[] = [];
  for (const { invokedAt, invokeIndex, completedAt, completeIndex } of operations) {
    events.push({ time: invokedAt, index: invokeIndex });
    if (completeIndex !== Number.POSITIVE_INFINITY) events.push({ time: completedAt, index: completeIndex });
  }
  events.sort((a, b) => a.index - b.index);
  return (time) => {
    let [low, high] = [0, events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((events[middle]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return (events[low - 1]?.index ?? -1) + 0.5;
  };
}

function appliedEarly({ f, process, invokeIndex, invokedAt }: Operation, appliedAt: number): HistoryError {
  return new HistoryError(
    'history_applied_early',
    `the ${f} (#${invokeIndex}) of process ${process} was applied at ${appliedAt} ms, but began at ${invokedAt} ms`,
    'Serials are unique in a history, and times are of one clock.',
  );
}
