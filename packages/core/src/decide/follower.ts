import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';
import { acceptAppend, answerHeartbeat } from './append.ts';
import { answerVoteRequest, restartElectionTimer } from './election.ts';

/** A follower answers candidates and its leader (paper 5.2). The message is of the current term. */
export function onFollowerMessage(step: Step, from: MemberId, message: TermMessage): void {
  switch (message.kind) {
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'append':
      hearLeader(step, from);
      return acceptAppend(step, from, message);
    case 'heartbeat':
      hearLeader(step, from);
      return answerHeartbeat(step, from, message);
    // Answers to what it asked while it was something else.
    case 'vote-reply':
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat-reply':
      return;
  }
}

/** There is one leader in a term (paper 5.2): hearing it postpones the election. */
function hearLeader(step: Step, from: MemberId): void {
  const { leader, term } = step.state;
  invariant(leader === null || leader === from, `members ${leader} and ${from} both lead term ${term}`);
  if (leader === null) step.record({ kind: 'leader-learned', leader: from });
  restartElectionTimer(step);
}
