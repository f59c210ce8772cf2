import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import { isQuorum } from '../membership.ts';
import type { TermMessage } from '../message.ts';
import { isPeer, leaderOf } from '../roles.ts';
import { diskStallsAt, mayBeginRound } from '../state.ts';
import type { Step } from '../step.ts';
import { onAppendAccepted, onAppendRejected, onHeartbeatReply } from './acknowledgement.ts';
import { answerVoteRequest } from './election.ts';
import { broadcastHeartbeat, keepAlive } from './heartbeat.ts';
import { dropLeavers } from './membership.ts';
import { isIdle, quiesce, quiescesAfter } from './quiescence.ts';
import { onChunkAcknowledged } from './snapshot-send.ts';
import { resign } from './step-down.ts';
import { abortTransfer } from './transfer.ts';

/** A leader keeps track of its followers (paper 5.3). The message is of the current term. */
export function onLeaderMessage(step: Step, from: MemberId, message: TermMessage): void {
  switch (message.kind) {
    case 'append-accepted':
      return isPeer(step.state, from) ? onAppendAccepted(step, from, message) : undefined;
    case 'append-rejected':
      return isPeer(step.state, from) ? onAppendRejected(step, from, message) : undefined;
    case 'heartbeat-reply':
      return isPeer(step.state, from) ? onHeartbeatReply(step, from, message) : undefined;
    case 'snapshot-reply':
      return isPeer(step.state, from) ? onChunkAcknowledged(step, from, message) : undefined;
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'append':
    case 'heartbeat':
    case 'snapshot-chunk':
    case 'timeout-now':
      return invariant(false, `members ${step.state.id} and ${from} both lead term ${step.state.term}`);
    // A vote that came after the majority was reached.
    case 'pre-vote-reply':
    case 'vote-reply':
      return;
  }
}

/** A heartbeat is due, a transfer takes too long, or the disk does. */
export function onLeaderDeadline(step: Step): void {
  const { now } = step.time;
  if (now >= diskStallsAt(step.state) || !hearsMajority(step)) return resign(step);
  const { transfer, roundWanted, heartbeatDeadline } = leaderOf(step.state);
  if (transfer !== null && now >= transfer.deadline) abortTransfer(step);
  // A read whose round was lost gets another one with the heartbeat.
  if (roundWanted && mayBeginRound(step.state)) return broadcastHeartbeat(step);
  if (now < heartbeatDeadline) return;
  dropLeavers(step);
  if (leaderOf(step.state).reads.length > 0) return broadcastHeartbeat(step);
  const idleIntervals = isIdle(step) ? leaderOf(step.state).idleIntervals + 1 : 0;
  if (idleIntervals > 0 && idleIntervals >= quiescesAfter(step.state.config)) quiesce(step);
  else keepAlive(step, idleIntervals);
}

/** A leader that no majority answers within an election timeout cannot commit anything: it says so (thesis 6.2). */
function hearsMajority({ state, time }: Step): boolean {
  const { progress } = leaderOf(state);
  const since = time.now - state.config.electionTimeoutMs;
  return isQuorum(state.membership, (member) => member === state.id || (progress.get(member)?.activeAt ?? since) > since);
}
