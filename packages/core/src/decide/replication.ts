import type { Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import { knownTermAt, lastPossibleMatch } from '../log.ts';
import type { AppendAccepted, AppendRejected, HeartbeatReply } from '../message.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { advanceCommit } from './commit.ts';
import { noteTold, tellCommitTo } from './heartbeat.ts';
import { answerConfirmedReads } from './read-index.ts';

/** Sends every follower what its window allows (paper 5.3; pipelining as in the thesis 10.2.1). */
export function replicateToAll(step: Step): void {
  for (const peer of leaderOf(step.state).progress.keys()) replicate(step, peer);
}

function replicate(step: Step, peer: MemberId): void {
  for (;;) {
    const { config, log } = step.state;
    const { mode, probing, matchIndex, nextIndex } = progressOf(step.state, peer);
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
  const { nextIndex } = progressOf(step.state, peer);
  sendRange(step, peer, nextIndex - 1, Math.min(step.state.log.lastIndex, nextIndex));
  step.record({ kind: 'peer-probed', peer });
}

function sendRange(step: Step, to: MemberId, prevIndex: Index, lastIndex: Index): void {
  const { term, log, commitIndex } = step.state;
  step.effect({ kind: 'replicate', to, term, prevIndex, prevTerm: knownTermAt(log, prevIndex), lastIndex, commit: commitIndex });
  noteTold(step, to, Math.min(commitIndex, lastIndex));
}

export function onAppendAccepted(step: Step, from: MemberId, reply: AppendAccepted): void {
  const progress = progressOf(step.state, from);
  const { lastIndex } = step.state.log;
  invariant(reply.matchIndex <= lastIndex, `member ${from} acknowledged entry ${reply.matchIndex} of a log that ends at ${lastIndex}`);
  if (reply.matchIndex > progress.matchIndex || progress.mode === 'probe') {
    step.record({ kind: 'peer-matched', peer: from, matchIndex: Math.max(reply.matchIndex, progress.matchIndex) });
    advanceCommit(step);
    // Where it was committed without this follower, everybody else was told before. One that still catches up is told by
    // what is on its way to it.
    if (step.state.commitIndex <= reply.matchIndex) tellCommitTo(step, from);
  }
  replicate(step, from);
}

/** Goes back to where the logs can still meet, a whole term at a time (paper 5.3). */
export function onAppendRejected(step: Step, from: MemberId, reply: AppendRejected): void {
  const { mode, matchIndex, nextIndex } = progressOf(step.state, from);
  // The answer to an older question: the logs are known to match there by now, or another question is out.
  const stale = mode === 'replicate' ? reply.prevIndex <= matchIndex : reply.prevIndex !== nextIndex - 1;
  if (stale) return;
  const meeting = Math.min(lastPossibleMatch(step.state.log, reply.hintIndex, reply.hintTerm), reply.prevIndex - 1);
  step.record({ kind: 'peer-rewound', peer: from, nextIndex: Math.max(meeting, matchIndex) + 1 });
  replicate(step, from);
}

export function onHeartbeatReply(step: Step, from: MemberId, reply: HeartbeatReply): void {
  if (reply.round <= progressOf(step.state, from).confirmedRound) return;
  step.record({ kind: 'peer-confirmed', peer: from, round: reply.round });
  answerConfirmedReads(step);
  askQuiet(step, from);
}

/**
 * A follower that lives and acknowledges nothing of what it was sent has probably lost something. Measured in time, not in
 * rounds: reads make many rounds while a slow disk writes.
 */
function askQuiet(step: Step, peer: MemberId): void {
  const { log, config } = step.state;
  const { quietSince, mode, matchIndex, nextIndex } = progressOf(step.state, peer);
  if (matchIndex === log.lastIndex) return;
  if (quietSince !== null && step.time.now - quietSince < config.heartbeatIntervalMs / 2) return;
  step.record({ kind: 'peer-quiet', peer, at: step.time.now });
  // What it was sent may still be on its way, or waiting for its disk.
  if (quietSince === null) return;
  if (mode === 'probe') probe(step, peer);
  else sendRange(step, peer, nextIndex - 1, nextIndex - 1);
}
