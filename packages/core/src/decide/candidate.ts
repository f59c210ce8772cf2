import type { MemberId } from '../entry.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';
import { answerVoteRequest, countVote } from './election.ts';
import { onFollowerMessage } from './follower.ts';

/** A candidate counts votes until it wins, or hears from whoever did (paper 5.2). The message is of the current term. */
export function onCandidateMessage(step: Step, from: MemberId, message: TermMessage): void {
  switch (message.kind) {
    case 'vote-reply':
      return countVote(step, from, message.granted);
    case 'request-vote':
      return answerVoteRequest(step, from, message);
    case 'append':
    case 'heartbeat':
      step.record({ kind: 'became-follower' });
      return onFollowerMessage(step, from, message);
    // Answers to what it asked as the leader of an earlier term; their term says so, and they never get here.
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat-reply':
      return;
  }
}
