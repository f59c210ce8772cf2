import type { Index, Term } from './entry.ts';
import { invariant } from './errors.ts';

/** Consecutive entries of one term, named by the first of them. A run ends where the next begins, or the log ends. */
export interface TermRun {
  readonly firstIndex: Index;
  readonly term: Term;
}

/**
 * The log as consensus needs to know it: which term each index has, not what the entries hold.
 *
 * A log of a million entries and three elections is three runs. Everything up to `snapshotIndex` is covered by a
 * snapshot and no longer part of the log.
 */
export interface LogShape {
  readonly snapshotIndex: Index;
  readonly snapshotTerm: Term;
  readonly runs: readonly TermRun[];
  readonly lastIndex: Index;
}

export const emptyLog: LogShape = { snapshotIndex: 0, snapshotTerm: 0, runs: [], lastIndex: 0 };

/** The term of the entry at `index`, or undefined where the log no longer or not yet has one. */
export function termAt(log: LogShape, index: Index): Term | undefined {
  if (index > log.lastIndex || index < log.snapshotIndex) return undefined;
  if (index === log.snapshotIndex) return log.snapshotTerm;
  const last = log.runs.at(-1);
  // Nearly everybody asks about the newest entries.
  const run = last !== undefined && last.firstIndex <= index ? last : log.runs.findLast(({ firstIndex }) => firstIndex <= index);
  invariant(run !== undefined, () => `no run of the log holds entry ${index}`);
  return run.term;
}

/** The term of an entry that the log is known to have. */
export function knownTermAt(log: LogShape, index: Index): Term {
  const term = termAt(log, index);
  invariant(term !== undefined, () => `entry ${index} is not in the log`);
  return term;
}

export function lastTerm(log: LogShape): Term {
  return log.runs.at(-1)?.term ?? log.snapshotTerm;
}

/** The log with one more entry of `term` at its end, or several with `count`. */
export function extend(log: LogShape, term: Term, count = 1): LogShape {
  const runs = lastTerm(log) === term && log.runs.length > 0 ? log.runs : [...log.runs, { firstIndex: log.lastIndex + 1, term }];
  return { snapshotIndex: log.snapshotIndex, snapshotTerm: log.snapshotTerm, runs, lastIndex: log.lastIndex + count };
}

/** The log without anything behind `index`. */
export function truncateAfter(log: LogShape, index: Index): LogShape {
  return { ...log, runs: log.runs.filter((run) => run.firstIndex <= index), lastIndex: index };
}

/** The log without what a snapshot through `index` covers; it has that entry. */
export function compactThrough(log: LogShape, index: Index): LogShape {
  const snapshotTerm = knownTermAt(log, index);
  const kept = log.runs.filter((_, i) => (log.runs[i + 1]?.firstIndex ?? log.lastIndex + 1) > index + 1);
  const runs = kept.map((run) => (run.firstIndex <= index ? { ...run, firstIndex: index + 1 } : run));
  return { ...log, snapshotIndex: index, snapshotTerm, runs };
}

/** An empty log that begins behind a snapshot. */
export function startAfter(snapshotIndex: Index, snapshotTerm: Term): LogShape {
  return { snapshotIndex, snapshotTerm, runs: [], lastIndex: snapshotIndex };
}

/**
 * The last index up to `index` whose term is at most `term`: where a log of that shape could still agree with this one.
 * Both sides of a rejected append use it to skip a whole term in one message (paper 5.3).
 */
export function lastPossibleMatch(log: LogShape, index: Index, term: Term): Index {
  let candidate = Math.min(index, log.lastIndex);
  for (const run of log.runs.toReversed()) {
    if (run.firstIndex > candidate) continue;
    if (run.term <= term) return candidate;
    candidate = run.firstIndex - 1;
  }
  return candidate;
}

/** Whether a log that ends with (`theirTerm`, `theirIndex`) is at least as complete as this one (paper 5.4.1). */
export function isUpToDate(log: LogShape, theirTerm: Term, theirIndex: Index): boolean {
  const ours = lastTerm(log);
  return theirTerm > ours || (theirTerm === ours && theirIndex >= log.lastIndex);
}

/** The log in one line, for transcripts and error messages: `1-4@1 5@2 (snapshot 0@0)`. */
export function describeLog(log: LogShape): string {
  const parts = log.runs.map((run, i) => {
    const end = (log.runs[i + 1]?.firstIndex ?? log.lastIndex + 1) - 1;
    return end === run.firstIndex ? `${end}@${run.term}` : `${run.firstIndex}-${end}@${run.term}`;
  });
  if (log.snapshotIndex > 0) parts.unshift(`(snapshot ${log.snapshotIndex}@${log.snapshotTerm})`);
  return parts.length === 0 ? 'empty' : parts.join(' ');
}
