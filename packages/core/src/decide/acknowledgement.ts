import type { Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import { batchBytesMin } from '../evolve/leadership.ts';
import { lastPossibleMatch } from '../log.ts';
import type { AppendAccepted, AppendRejected, HeartbeatReply } from '../message.ts';
import { isPeer, leaderOf, progressOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { advanceCommit } from './commit.ts';
import { tellCommitTo } from './heartbeat.ts';
import { dropLeavers, followCatchUp } from './membership.ts';
import { answerConfirmedReads } from './read-index.ts';
import { askForAll, probe, replicate } from './replication.ts';
import { sendChunk, sendSnapshot } from './snapshot-send.ts';
import { handOver } from './transfer.ts';

export function onAppendAccepted(step: Step, from: MemberId, reply: AppendAccepted): void {
  const progress = progressOf(step.state, from);
  const { lastIndex, snapshotIndex } = step.state.log;
  invariant(
    reply.matchIndex <= lastIndex,
    () => `member ${from} acknowledged entry ${reply.matchIndex} of a log that ends at ${lastIndex}`,
  );
  // Of an append that was sent before the snapshot: neither is that done, nor can the log go on from there.
  const needed = progress.outgoing?.snapshot.index ?? 0;
  if (reply.matchIndex < Math.min(needed, snapshotIndex)) return;
  if (reply.matchIndex > progress.matchIndex || progress.mode !== 'replicate') {
    const matchIndex = Math.max(reply.matchIndex, progress.matchIndex);
    step.record({ kind: 'peer-matched', peer: from, matchIndex, batchBytes: nextBatch(step, from, matchIndex), at: step.time.now });
    advanceCommit(step);
    // That may have ended this leadership, or the peer's membership.
    if (!isPeer(step.state, from)) return;
    followCatchUp(step, from);
    // Where it was committed without this follower, everybody else was told before. One that still catches up is told by
    // what is on its way to it.
    if (step.state.commitIndex <= reply.matchIndex) tellCommitTo(step, from);
    dropLeavers(step);
    if (!isPeer(step.state, from)) return;
  }
  replicate(step, from);
  handOver(step);
}

/** Batches grow while acknowledgements come quickly: a slow link, or a slow disk, should not hold long ones. */
function nextBatch({ state, time }: Step, peer: MemberId, matchIndex: Index): number {
  const { batchBytes, inflight } = progressOf(state, peer);
  const acknowledged = inflight.findLast(({ lastIndex }) => lastIndex <= matchIndex);
  if (acknowledged === undefined) return batchBytes;
  const { appendBytesMax, heartbeatIntervalMs } = state.config;
  const isQuick = time.now - acknowledged.sentAt < heartbeatIntervalMs;
  const next = isQuick ? batchBytes * 2 : Math.max(batchBytesMin, Math.floor(batchBytes / 2));
  return Math.min(next, appendBytesMax);
}

/** Goes back to where the logs can still meet, a whole term at a time (paper 5.3). */
export function onAppendRejected(step: Step, from: MemberId, reply: AppendRejected): void {
  const { mode, matchIndex, nextIndex } = progressOf(step.state, from);
  // The answer to an older question: the logs are known to match there by now, or another question is out.
  const stale = mode === 'replicate' ? reply.prevIndex <= matchIndex : reply.prevIndex !== nextIndex - 1;
  if (stale || mode === 'snapshot') return;
  const { log } = step.state;
  const meeting = Math.min(lastPossibleMatch(log, reply.hintIndex, reply.hintTerm), reply.prevIndex - 1);
  step.record({ kind: 'peer-rewound', peer: from, nextIndex: Math.max(meeting, matchIndex) + 1, at: step.time.now });
  replicate(step, from);
}

export function onHeartbeatReply(step: Step, from: MemberId, { round, loyalMs }: HeartbeatReply): void {
  const { confirmedRound, loyalUntil } = progressOf(step.state, from);
  if (round <= confirmedRound) return;
  const sent = leaderOf(step.state).recentRounds.find((recent) => recent.round === round);
  // It heard this round after it was sent, and its clock may run faster than this one.
  const until = sent === undefined ? loyalUntil : sent.sentAt + (loyalMs * 100) / (100 + step.state.config.leaseDriftPercent);
  step.record({ kind: 'peer-confirmed', peer: from, round, at: step.time.now, loyalUntil: until });
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
  if (mode === 'snapshot') sendChunk(step, peer);
  else if (nextIndex <= log.snapshotIndex) sendSnapshot(step, peer);
  else if (mode === 'probe') probe(step, peer);
  else askForAll(step, peer);
}
