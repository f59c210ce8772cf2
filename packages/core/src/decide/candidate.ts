import type { MemberId } from '../entry.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';
import { answerVoteRequest, countVote, onTimeoutNow } from './election.ts';
import { onFollowerMessage } from './follower.ts';

/**
 * Whoever asks for votes counts them until it wins, or hears from whoever did (paper 5.2). The message is of the current term.
 */
export function onCandidateMessage(step: Step, from: MemberId, message: TermMessage): void {
  const { kind } = step.state.role;
  switch (message.kind) {
    case 'pre-vote-reply':
      return kind === 'pre-candidate' ? countVote(step, from, message.granted) : undefined;
    case 'vote-reply':
      return kind === 'candidate' ? countVote(step, from, message.granted) : undefined;
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'timeout-now':
      return onTimeoutNow(step);
    case 'append':
    case 'heartbeat':
    case 'snapshot-chunk':
      step.record({ kind: 'became-follower' });
      return onFollowerMessage(step, from, message);
    // Answers to what it asked as the leader of this term, before it resigned.
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat-reply':
    case 'snapshot-reply':
      return;
  }
}
