import type { MemberId, Term } from '../entry.ts';
import { isUpToDate, lastTerm } from '../log.ts';
import { isQuorum } from '../membership.ts';
import type { RequestVote } from '../message.ts';
import { draw } from '../random.ts';
import { candidateOf } from '../roles.ts';
import { electionTimeout } from '../state.ts';
import type { Step } from '../step.ts';
import { broadcastHeartbeat } from './heartbeat.ts';
import { appendEntries } from './proposal.ts';
import { abandonReads } from './read-index.ts';
import { replicateToAll } from './replication.ts';

/** Waits anew for a leader or an election result, with a freshly drawn timeout (paper 5.2). */
export function restartElectionTimer(step: Step): void {
  const { seed, value } = draw(step.state.seed);
  step.record({ kind: 'election-timeout-drawn', timeoutMs: electionTimeout(step.state.config, value), seed });
  step.record({ kind: 'election-timer-started', at: step.time.now });
}

/** Enters a later term as a follower (paper 5.1). */
export function stepDown(step: Step, term: Term): void {
  if (step.state.role.kind === 'leader') abandonReads(step);
  step.record({ kind: 'term-advanced', term });
  if (step.state.role.kind === 'follower') return;
  step.record({ kind: 'became-follower' });
  restartElectionTimer(step);
}

/** Begins an election (paper 5.2). The requests leave, and the own vote counts, once term and vote are on disk. */
export function campaign(step: Step): void {
  const { id, membership, log } = step.state;
  const term = step.state.term + 1;
  step.record({ kind: 'term-advanced', term });
  step.record({ kind: 'vote-cast', candidate: id });
  step.record({ kind: 'became-candidate' });
  restartElectionTimer(step);
  for (const peer of membership.voters) {
    if (peer !== id) step.promise(peer, { kind: 'request-vote', term, lastIndex: log.lastIndex, lastTerm: lastTerm(log) });
  }
}

/** Answers a request for a vote of the current term (paper 5.2 and 5.4.1). A granted vote leaves once it is on disk. */
export function answerVoteRequest(step: Step, from: MemberId, request: RequestVote): void {
  const { term, vote, log } = step.state;
  const free = vote === null || vote === from;
  if (!free || !isUpToDate(log, request.lastTerm, request.lastIndex)) {
    return step.send(from, { kind: 'vote-reply', term, granted: false });
  }
  if (vote === null) step.record({ kind: 'vote-cast', candidate: from });
  restartElectionTimer(step);
  step.promise(from, { kind: 'vote-reply', term, granted: true });
}

/** Called when a write of the current term is on disk: for a candidate that includes its vote for itself. */
export function countOwnVote(step: Step): void {
  const { role, id } = step.state;
  if (role.kind === 'candidate' && !role.votes.has(id)) countVote(step, id, true);
}

/** Counts a vote for this candidate, which leads as soon as a majority is for it (paper 5.2). */
export function countVote(step: Step, from: MemberId, granted: boolean): void {
  step.record({ kind: 'vote-counted', from, granted });
  const { votes } = candidateOf(step.state);
  if (isQuorum(step.state.membership, (member) => votes.get(member) === true)) lead(step);
}

/**
 * Takes office: an empty entry of the new term opens it, because only entries of the own term are committed by counting
 * (paper 5.4.2; thesis 6.4 for the reads that wait for it).
 */
function lead(step: Step): void {
  step.record({ kind: 'became-leader', openingIndex: step.state.log.lastIndex + 1 });
  appendEntries(step, 'no-op', [new Uint8Array(0)]);
  broadcastHeartbeat(step);
  replicateToAll(step);
}
