import { onCandidateMessage } from './decide/candidate.ts';
import { advanceApply, advanceCommit } from './decide/commit.ts';
import { campaign, countOwnVote, stepDown } from './decide/election.ts';
import { onFollowerMessage } from './decide/follower.ts';
import { broadcastHeartbeat } from './decide/heartbeat.ts';
import { onLeaderMessage } from './decide/leader.ts';
import { answerForwarded, onProposed, onProposeReply } from './decide/proposal.ts';
import { onReadIndex, onReadIndexReply, onReadRequested } from './decide/read-index.ts';
import { answerStale } from './decide/stale.ts';
import type { MemberId } from './entry.ts';
import type { Input } from './input.ts';
import { isVoter } from './membership.ts';
import type { Message } from './message.ts';
import { deadline, type RaftState } from './state.ts';
import { type Decision, Step } from './step.ts';

/**
 * The Raft algorithm: what a member in `state` makes of `input`.
 *
 * Pure: the same state and input give the same decision. The caller keeps `decision.state` and carries the effects out
 * in their order.
 */
export function decide(state: RaftState, input: Input): Decision {
  const step = new Step(state, input);
  switch (input.kind) {
    case 'deadline-reached':
      if (input.now >= deadline(state)) onDeadline(step);
      break;
    case 'received':
      // A message from outside of the membership is no reason to do anything (trap: removed members that disturb).
      if (isVoter(state.membership, input.from)) onMessage(step, input.from, input.message);
      break;
    case 'proposed':
      onProposed(step, input.id, input.payloads);
      break;
    case 'persisted':
      onPersisted(step, input.sequence);
      break;
    case 'read-requested':
      onReadRequested(step, input.id);
      break;
  }
  return step.finish();
}

function onDeadline(step: Step): void {
  if (step.state.role.kind === 'leader') broadcastHeartbeat(step);
  else campaign(step);
}

function onPersisted(step: Step, sequence: number): void {
  const done = step.state.pendingWrites.filter((write) => write.sequence <= sequence);
  if (done.length === 0) return;
  step.record({ kind: 'write-completed', sequence });
  if (done.some((write) => write.term === step.state.term)) countOwnVote(step);
  if (step.state.role.kind === 'leader') advanceCommit(step);
  advanceApply(step);
}

function onMessage(step: Step, from: MemberId, message: Message): void {
  switch (message.kind) {
    // What members ask of each other on behalf of clients holds in any term.
    case 'propose':
      return answerForwarded(step, from, message);
    case 'propose-reply':
      return onProposeReply(step, message);
    case 'read-index':
      return onReadIndex(step, from, message);
    case 'read-index-reply':
      return onReadIndexReply(step, message);
    case 'request-vote':
    case 'vote-reply':
    case 'append':
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat':
    case 'heartbeat-reply':
      break;
  }
  // "If one server's current term is smaller than the other's, then it updates" (paper 5.1).
  if (message.term < step.state.term) return answerStale(step, from, message);
  if (message.term > step.state.term) stepDown(step, message.term);
  switch (step.state.role.kind) {
    case 'follower':
      return onFollowerMessage(step, from, message);
    case 'candidate':
      return onCandidateMessage(step, from, message);
    case 'leader':
      return onLeaderMessage(step, from, message);
  }
}
