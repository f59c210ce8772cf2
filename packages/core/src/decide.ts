import { onCandidateMessage } from './decide/candidate.ts';
import { advanceApply, advanceCommit } from './decide/commit.ts';
import { onSnapshotTaken } from './decide/compaction.ts';
import { answerPreVote, countOwnVote, onElectionTimeout } from './decide/election.ts';
import { onFollowerMessage } from './decide/follower.ts';
import { hearsLeader } from './decide/hears-leader.ts';
import { onLeaderDeadline, onLeaderMessage } from './decide/leader.ts';
import { onMembershipRequested } from './decide/membership.ts';
import { answerForwarded, onProposed, onProposeReply } from './decide/proposal.ts';
import { onReachabilityChanged, unquiesceFor } from './decide/quiescence.ts';
import { onReadIndex, onReadIndexReply, onReadRequested } from './decide/read-index.ts';
import { onAppendSent, replicateToWitnesses } from './decide/replication.ts';
import { onRoomChanged } from './decide/room.ts';
import { onChunkStored, onSnapshotRestored } from './decide/snapshot-receive.ts';
import { onSnapshotUnreadable } from './decide/snapshot-send.ts';
import { answerStale } from './decide/stale.ts';
import { enterTerm } from './decide/step-down.ts';
import { onTransferRequested } from './decide/transfer.ts';
import type { MemberId } from './entry.ts';
import type { Input } from './input.ts';
import { wasRemoved } from './membership.ts';
import type { Message, TermMessage } from './message.ts';
import { isPeer } from './roles.ts';
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
  if (input.kind === 'received' && isDisturbance(state, input.from, input.message)) {
    turnAway(step, input.from, input.message);
    return step.finish();
  }
  unquiesceFor(step, input);
  switch (input.kind) {
    case 'deadline-reached':
      if (input.now >= deadline(state)) onDeadline(step);
      break;
    case 'received':
      onMessage(step, input.from, input.message);
      break;
    case 'proposed':
      onProposed(step, input.id, input.payloads);
      break;
    case 'persisted':
      onPersisted(step, input.sequence);
      break;
    case 'append-sent':
      onAppendSent(step, input);
      break;
    case 'read-requested':
      onReadRequested(step, input.id, input.lease);
      break;
    case 'membership-requested':
      onMembershipRequested(step, input.id, input.change);
      break;
    case 'transfer-requested':
      onTransferRequested(step, input.id, input.target);
      break;
    case 'snapshot-taken':
      onSnapshotTaken(step, input.snapshot);
      break;
    case 'chunk-stored':
      onChunkStored(step, input);
      break;
    case 'snapshot-restored':
      onSnapshotRestored(step, input);
      break;
    case 'snapshot-unreadable':
      onSnapshotUnreadable(step, input);
      break;
    case 'reachability-changed':
      onReachabilityChanged(step, input.peer, input.reachable);
      break;
    case 'room-changed':
      onRoomChanged(step, input.exhausted);
      break;
  }
  return step.finish();
}

/**
 * One that was removed must not disturb the others, whatever it has missed. But its removal may not be committed yet: until
 * then it may lead. And as long as a leader still tells it of its removal, it may acknowledge. One that is not known here may
 * have been added by a leader that this member has not heard so far.
 */
function isDisturbance(state: RaftState, from: MemberId, message: Message): boolean {
  if (!wasRemoved(state.membership, from) || from === state.leader) return false;
  // The last words of a leader that was removed say what it did with what it was asked to do.
  if (message.kind === 'propose-reply' || message.kind === 'read-index-reply') return false;
  return !(isPeer(state, from) && 'term' in message && message.term === state.term);
}

/** Whoever was removed gets no more than an answer for its clients: they should not wait, nor be in doubt. */
function turnAway(step: Step, from: MemberId, message: Message): void {
  const answer = { reason: 'leadership_lost' } as const;
  if (message.kind === 'propose') step.send(from, { kind: 'propose-reply', id: message.id, answer });
  if (message.kind === 'read-index') step.send(from, { kind: 'read-index-reply', id: message.id, answer });
}

function onDeadline(step: Step): void {
  if (step.state.role.kind === 'leader') onLeaderDeadline(step);
  else onElectionTimeout(step);
}

function onPersisted(step: Step, sequence: number): void {
  const done = step.state.pendingWrites.filter((write) => write.sequence <= sequence);
  if (done.length === 0) return;
  step.record({ kind: 'write-completed', sequence, at: step.time.now });
  if (done.some((write) => write.term === step.state.term)) countOwnVote(step);
  if (step.state.role.kind === 'leader') {
    replicateToWitnesses(step);
    advanceCommit(step);
  }
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
    // A question about an election that was not called: it changes nobody's term.
    case 'pre-vote':
      return answerPreVote(step, from, message);
    case 'pre-vote-reply':
    case 'request-vote':
    case 'vote-reply':
    case 'timeout-now':
    case 'append':
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat':
    case 'heartbeat-reply':
    case 'snapshot-chunk':
    case 'snapshot-reply':
      return onTermMessage(step, from, message);
  }
}

/** "If one server's current term is smaller than the other's, then it updates" (paper 5.1). */
function onTermMessage(step: Step, from: MemberId, message: TermMessage): void {
  if (message.term < step.state.term) return answerStale(step, from, message);
  // Whoever still hears a leader does not help another to replace it, not even by entering a later term (thesis 4.2.3).
  if (message.kind === 'request-vote' && !message.transfer && hearsLeader(step)) return;
  if (message.term > step.state.term) enterTerm(step, message.term);
  switch (step.state.role.kind) {
    case 'follower':
      return onFollowerMessage(step, from, message);
    case 'pre-candidate':
    case 'candidate':
      return onCandidateMessage(step, from, message);
    case 'leader':
      return onLeaderMessage(step, from, message);
  }
}
