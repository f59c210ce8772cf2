import type { Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import { lastPossibleMatch, termAt } from '../log.ts';
import type { AppendAccepted, AppendRejected, HeartbeatReply } from '../message.ts';
import type { Progress } from '../state.ts';
import type { Step } from '../step.ts';
import { advanceCommit } from './commit.ts';
import { tellCommitTo } from './heartbeat.ts';
import { answerConfirmedReads } from './read-index.ts';

/** Sends every follower what its window allows (paper 5.3; pipelining as in the thesis 10.2.1). */
export function replicateToAll(step: Step): void {
  const { role } = step.state;
  if (role.kind !== 'leader') return;
  for (const peer of role.progress.keys()) replicate(step, peer);
}

function replicate(step: Step, peer: MemberId): void {
  for (;;) {
    const { config, log } = step.state;
    const { mode, probing, matchIndex, nextIndex } = progressOf(step, peer);
    if (mode === 'probe') {
      if (!probing) probe(step, peer);
      return;
    }
    const lastIndex = Math.min(log.lastIndex, matchIndex + config.inflightEntriesMax, nextIndex + config.appendEntriesMax - 1);
    if (lastIndex < nextIndex) return;
    sendRange(step, peer, nextIndex - 1, lastIndex);
    step.record({ kind: 'peer-sent', peer, nextIndex: lastIndex + 1 });
  }
}

/** Asks whether the follower's log meets this one at its next index. One entry rides along: with luck it does. */
function probe(step: Step, peer: MemberId): void {
  const { nextIndex } = progressOf(step, peer);
  sendRange(step, peer, nextIndex - 1, Math.min(step.state.log.lastIndex, nextIndex));
  step.record({ kind: 'peer-probed', peer });
}

function sendRange(step: Step, to: MemberId, prevIndex: Index, lastIndex: Index): void {
  const { term, log, commitIndex } = step.state;
  const prevTerm = termAt(log, prevIndex);
  invariant(prevTerm !== undefined, `entry ${prevIndex} is no longer in the log`);
  step.effect({ kind: 'replicate', to, term, prevIndex, prevTerm, lastIndex, commit: commitIndex });
}

export function onAppendAccepted(step: Step, from: MemberId, reply: AppendAccepted): void {
  const progress = progressOf(step, from);
  const { lastIndex } = step.state.log;
  invariant(reply.matchIndex <= lastIndex, `member ${from} acknowledged entry ${reply.matchIndex} of a log that ends at ${lastIndex}`);
  if (reply.matchIndex > progress.matchIndex || progress.mode === 'probe') {
    const { commitIndex } = step.state;
    step.record({ kind: 'peer-matched', peer: from, matchIndex: Math.max(reply.matchIndex, progress.matchIndex) });
    advanceCommit(step);
    // What it acknowledges now was committed without it, so that it was told of less when everybody was told.
    const late = progress.matchIndex < commitIndex && commitIndex <= reply.matchIndex;
    if (late && step.state.commitIndex === commitIndex) tellCommitTo(step, from, progressOf(step, from));
  }
  replicate(step, from);
}

/** Goes back to where the logs can still meet, a whole term at a time (paper 5.3). */
export function onAppendRejected(step: Step, from: MemberId, reply: AppendRejected): void {
  const { mode, matchIndex, nextIndex } = progressOf(step, from);
  // The answer to an older question: the logs are known to match there by now, or another question is out.
  const stale = mode === 'replicate' ? reply.prevIndex <= matchIndex : reply.prevIndex !== nextIndex - 1;
  if (stale) return;
  const meeting = Math.min(lastPossibleMatch(step.state.log, reply.hintIndex, reply.hintTerm), reply.prevIndex - 1);
  step.record({ kind: 'peer-rewound', peer: from, nextIndex: Math.max(meeting, matchIndex) + 1 });
  replicate(step, from);
}

export function onHeartbeatReply(step: Step, from: MemberId, reply: HeartbeatReply): void {
  const { confirmedRound, quiet, mode, matchIndex, nextIndex } = progressOf(step, from);
  if (reply.round <= confirmedRound) return;
  step.record({ kind: 'peer-confirmed', peer: from, round: reply.round });
  answerConfirmedReads(step);
  // It lives, but what it should have acknowledged since the last round it has not: something was lost. Ask again.
  if (!quiet || matchIndex >= step.state.log.lastIndex) return;
  if (mode === 'probe') probe(step, from);
  else sendRange(step, from, nextIndex - 1, nextIndex - 1);
}

function progressOf(step: Step, peer: MemberId): Progress {
  const { role } = step.state;
  const progress = role.kind === 'leader' ? role.progress.get(peer) : undefined;
  invariant(progress !== undefined, `no progress is kept for member ${peer}`);
  return progress;
}
