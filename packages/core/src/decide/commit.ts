import type { Index, MemberId } from '../entry.ts';
import { termAt } from '../log.ts';
import { quorumValue } from '../membership.ts';
import { leaderOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { compactWitness } from './compaction.ts';
import { tellCommit } from './heartbeat.ts';
import { advanceMembership } from './membership.ts';
import { answerConfirmedReads, readyReads } from './read-index.ts';
import { leaveRecovering } from './recovering.ts';

/**
 * Commits what a majority has on disk, if it is of this leader's term; older entries follow with it (paper 5.4.2,
 * figure 8). The leader counts itself by what its own disk has, and not at all once it is no voter any more.
 */
export function advanceCommit(step: Step): void {
  const { state } = step;
  const { progress } = leaderOf(state);
  const durable = (member: MemberId) => (member === state.id ? state.persistedIndex : (progress.get(member)?.matchIndex ?? 0));
  const commitIndex = quorumValue(state.membership, durable);
  if (commitIndex <= state.commitIndex || termAt(state.log, commitIndex) !== state.term) return;
  commitThrough(step, commitIndex);
  readyReads(step);
  // Followers apply at once, without waiting for the next heartbeat or append.
  tellCommit(step);
  answerConfirmedReads(step);
  advanceMembership(step);
}

/** Takes everything up to `commitIndex` for committed. */
export function commitThrough(step: Step, commitIndex: Index): void {
  step.record({ kind: 'commit-advanced', commitIndex });
  advanceApply(step);
}

/**
 * Hands to the apply loop what is committed and on the own disk: the machine's state never runs ahead of the log. A witness
 * has nothing to apply, and while a snapshot becomes the machine's state, that state stands still.
 */
export function advanceApply(step: Step): void {
  leaveRecovering(step);
  dropOvertakenSnapshot(step);
  const { commitIndex, persistedIndex, applyIndex, incoming, witness } = step.state;
  const through = Math.min(commitIndex, persistedIndex);
  if (through <= applyIndex || incoming?.stage === 'restoring') return;
  step.record({ kind: 'apply-advanced', applyIndex: through });
  if (witness) compactWitness(step);
  else step.effect({ kind: 'apply', through });
}

/**
 * The log has brought what the snapshot was to stand for. Restoring it now would take the machine back behind what it has
 * applied (camunda#6092); one that is being restored keeps the machine still and is waited for.
 */
function dropOvertakenSnapshot(step: Step): void {
  const { incoming, commitIndex } = step.state;
  if (incoming === null || incoming.stage === 'restoring' || incoming.snapshot.index > commitIndex) return;
  step.record({ kind: 'incoming-dropped' });
}
