import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';
import { answerVoteRequest } from './election.ts';
import { onAppendAccepted, onAppendRejected, onHeartbeatReply } from './replication.ts';

/** A leader keeps track of its followers (paper 5.3). The message is of the current term. */
export function onLeaderMessage(step: Step, from: MemberId, message: TermMessage): void {
  switch (message.kind) {
    case 'append-accepted':
      return onAppendAccepted(step, from, message);
    case 'append-rejected':
      return onAppendRejected(step, from, message);
    case 'heartbeat-reply':
      return onHeartbeatReply(step, from, message);
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'append':
    case 'heartbeat':
      return invariant(false, `members ${step.state.id} and ${from} both lead term ${step.state.term}`);
    // A vote that came after the majority was reached.
    case 'vote-reply':
      return;
  }
}
