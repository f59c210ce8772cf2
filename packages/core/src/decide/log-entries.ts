import type { Entry, EntryKind } from '../entry.ts';
import type { Step } from '../step.ts';

/** Puts a leader's new entries at the end of its log. Its own disk and its followers get them at the same time. */
export function appendEntries(step: Step, kind: EntryKind, payloads: readonly Uint8Array[]): void {
  const { term, log, logTime } = step.state;
  // Log time never goes back, even where this leader's wall clock is behind that of the one before.
  const time = Math.max(logTime, step.time.wallTime);
  const entries: Entry[] = payloads.map((payload, i) => ({ index: log.lastIndex + 1 + i, term, time, kind, payload }));
  step.record({ kind: 'entries-appended', entries });
}
