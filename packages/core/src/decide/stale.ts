import type { MemberId } from '../entry.ts';
import type { TermMessage } from '../message.ts';
import type { Step } from '../step.ts';

/**
 * Answers a message of an older term: whoever asked learns the newer term and steps down; an old answer is dropped
 * (paper 5.1).
 */
export function answerStale(step: Step, to: MemberId, message: TermMessage): void {
  const { term, log } = step.state;
  switch (message.kind) {
    case 'request-vote':
      return step.send(to, { kind: 'vote-reply', term, granted: false });
    case 'append':
      return step.send(to, { kind: 'append-rejected', term, prevIndex: message.prevIndex, hintIndex: log.lastIndex, hintTerm: 0 });
    case 'heartbeat':
      return step.send(to, { kind: 'heartbeat-reply', term, round: 0, loyalMs: 0 });
    case 'snapshot-chunk':
      return step.send(to, { kind: 'snapshot-reply', term, snapshotId: message.snapshot.id, offset: 0 });
    case 'pre-vote-reply':
    case 'timeout-now':
    case 'snapshot-reply':
    case 'vote-reply':
    case 'append-accepted':
    case 'append-rejected':
    case 'heartbeat-reply':
      return;
  }
}
