import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';
import { acceptAppend, answerHeartbeat } from './append.ts';
import { answerVoteRequest, onTimeoutNow } from './election.ts';
import { onSnapshotChunk } from './snapshot-receive.ts';

/** A follower answers candidates and its leader (paper 5.2). The message is of the current term. */
export function onFollowerMessage(step: Step, from: MemberId, message: TermMessage): void {
  switch (message.kind) {
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'timeout-now':
      return onTimeoutNow(step);
    case 'append':
      hearLeader(step, from);
      return acceptAppend(step, from, message);
    case 'heartbeat':
      hearLeader(step, from);
      return answerHeartbeat(step, from, message);
    case 'snapshot-chunk':
      hearLeader(step, from);
      return onSnapshotChunk(step, from, message);
    // Answers to what it asked while it was something else.
    case 'pre-vote-reply':
    case 'vote-reply':
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat-reply':
    case 'snapshot-reply':
      return;
  }
}

/** There is one leader in a term (paper 5.2): hearing it postpones the election. */
function hearLeader(step: Step, from: MemberId): void {
  const { leader, term } = step.state;
  invariant(leader === null || leader === from, () => `members ${leader} and ${from} both lead term ${term}`);
  step.record({ kind: 'leader-heard', leader: from, at: step.time.now });
}
