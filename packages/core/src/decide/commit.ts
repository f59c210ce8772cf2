import type { MemberId } from '../entry.ts';
import { termAt } from '../log.ts';
import { quorumIndex } from '../membership.ts';
import { progressOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { tellCommit } from './heartbeat.ts';
import { answerConfirmedReads, readyReads } from './read-index.ts';

/**
 * Commits what a majority has on disk, if it is of this leader's term; older entries follow with it (paper 5.4.2,
 * figure 8). The leader counts itself by what its own disk has.
 */
export function advanceCommit(step: Step): void {
  const { state } = step;
  const durable = (member: MemberId) => (member === state.id ? state.persistedIndex : progressOf(state, member).matchIndex);
  const commitIndex = quorumIndex(state.membership, durable);
  if (commitIndex <= state.commitIndex || termAt(state.log, commitIndex) !== state.term) return;
  step.record({ kind: 'commit-advanced', commitIndex });
  advanceApply(step);
  readyReads(step);
  // Followers apply at once, without waiting for the next heartbeat or append.
  tellCommit(step);
  answerConfirmedReads(step);
}

/** Hands to the apply loop what is committed and on the own disk: the machine's state never runs ahead of the log. */
export function advanceApply(step: Step): void {
  const through = Math.min(step.state.commitIndex, step.state.persistedIndex);
  if (through <= step.state.applyIndex) return;
  step.record({ kind: 'apply-advanced', applyIndex: through });
  step.effect({ kind: 'apply', through });
}
