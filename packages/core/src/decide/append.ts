import type { Entry, Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import { knownTermAt, lastPossibleMatch, termAt } from '../log.ts';
import type { Append, Heartbeat } from '../message.ts';
import type { Step } from '../step.ts';
import { commitThrough } from './commit.ts';
import { followQuiesce } from './quiescence.ts';

/** Takes a leader's entries where they continue a log that matches (paper 5.3, "AppendEntries RPC", steps 2 to 5). */
export function acceptAppend(step: Step, from: MemberId, append: Append): void {
  const { log, term, commitIndex, storageFull } = step.state;
  const { prevIndex, prevTerm } = append;
  if (prevIndex < log.snapshotIndex) {
    // All of what a snapshot covers is committed and durable; the leader may go on from there.
    return step.promise(from, { kind: 'append-accepted', term, matchIndex: commitIndex });
  }
  if (termAt(log, prevIndex) !== prevTerm) {
    const hintIndex = lastPossibleMatch(log, prevIndex, prevTerm);
    return step.send(from, { kind: 'append-rejected', term, prevIndex, hintIndex, hintTerm: knownTermAt(log, hintIndex) });
  }
  // Entries that are there already are left alone: an append that was delayed must not shorten the log.
  const firstNew = append.entries.findIndex((entry) => termAt(log, entry.index) !== entry.term);
  const entries = firstNew !== -1 && storageFull ? whatFits(append.entries) : append.entries;
  if (firstNew !== -1) {
    // The leader misses the acknowledgement, and sends them again. An answer would have it do so at once, again and again.
    if (firstNew >= entries.length) return;
    const after = prevIndex + firstNew;
    if (after < log.lastIndex) {
      invariant(after >= commitIndex, `member ${from} overwrites entry ${after + 1}, which is committed`);
      step.record({ kind: 'log-truncated', after });
    }
    step.record({ kind: 'entries-appended', entries: firstNew === 0 ? entries : entries.slice(firstNew) });
  }
  // Only what this append verified may count as committed: what lies behind it may be another leader's (copycat#266).
  const verified = prevIndex + entries.length;
  learnCommit(step, Math.min(append.commit, verified));
  step.promise(from, { kind: 'append-accepted', term, matchIndex: verified });
}

/**
 * Of a full disk, a leader's opening entry gets the reserve, and what comes before it: without it nobody reads. Likewise what ends
 * a change of membership. Commands behind them wait until there is room.
 */
function whatFits(entries: readonly Entry[]): readonly Entry[] {
  return entries.slice(0, entries.findLastIndex(({ kind }) => kind !== 'command') + 1);
}

/** The commit index in a heartbeat is capped by what this member has acknowledged, so its log holds it. */
export function answerHeartbeat(step: Step, from: MemberId, heartbeat: Heartbeat): void {
  const { log, term, config } = step.state;
  learnCommit(step, Math.min(heartbeat.commit, log.lastIndex));
  if (heartbeat.quiesce) followQuiesce(step);
  if (heartbeat.round > 0) step.send(from, { kind: 'heartbeat-reply', term, round: heartbeat.round, loyalMs: config.electionTimeoutMs });
}

function learnCommit(step: Step, commitIndex: Index): void {
  if (commitIndex > step.state.commitIndex) commitThrough(step, commitIndex);
}
