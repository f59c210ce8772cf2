import type { MemberId } from '../entry.ts';
import { isUpToDate, lastTerm } from '../log.ts';
import { electionRank, isQuorum, isVoter, otherVoters } from '../membership.ts';
import type { PreVote, RequestVote } from '../message.ts';
import { voteCounterOf } from '../roles.ts';
import { diskStallsAt, mayLead } from '../state.ts';
import type { Step } from '../step.ts';
import { restartElectionTimer } from './election-timer.ts';
import { hearsLeader } from './hears-leader.ts';
import { broadcastHeartbeat } from './heartbeat.ts';
import { appendEntries } from './log-entries.ts';
import { replicateToAll } from './replication.ts';

/**
 * Nobody leads, as far as this member can tell. It lets members of higher priority go first, once for each priority above its
 * own, so that it still gets its turn where they do not take theirs.
 */
export function onElectionTimeout(step: Step): void {
  const { state, time } = step;
  const stalled = time.now >= diskStallsAt(state);
  const passes = state.electionsPassed < electionRank(state.membership, state.id);
  if (!stalled && !passes) return askWhetherItWouldWin(step);
  if (passes) step.record({ kind: 'election-passed' });
  restartElectionTimer(step);
}

/** The pre-vote (thesis 9.6): who could not win does not raise the term, and so deposes nobody when it is back. */
function askWhetherItWouldWin(step: Step): void {
  const { id, term, membership, log } = step.state;
  step.record({ kind: 'became-pre-candidate' });
  restartElectionTimer(step);
  for (const peer of otherVoters(membership, id)) {
    step.send(peer, { kind: 'pre-vote', term, lastIndex: log.lastIndex, lastTerm: lastTerm(log) });
  }
  countVote(step, id, true);
}

/** Would this member vote for that one, if it called an election now? The answer promises nothing. */
export function answerPreVote(step: Step, from: MemberId, request: PreVote): void {
  const { term, log, recovering } = step.state;
  const granted = !recovering && request.term >= term && !hearsLeader(step) && isUpToDate(log, request.lastTerm, request.lastIndex);
  step.send(from, { kind: 'pre-vote-reply', term: Math.max(term, request.term), granted });
}

/**
 * Begins an election (paper 5.2). The requests leave, and the own vote counts, once term and vote are on disk. In a
 * `transfer` even those vote who still hear the leader that asked for it (thesis 3.10).
 */
export function campaign(step: Step, transfer: boolean): void {
  const { id, membership, log } = step.state;
  const term = step.state.term + 1;
  step.record({ kind: 'term-advanced', term });
  step.record({ kind: 'vote-cast', candidate: id });
  step.record({ kind: 'became-candidate' });
  restartElectionTimer(step);
  for (const peer of otherVoters(membership, id)) {
    step.promise(peer, { kind: 'request-vote', term, lastIndex: log.lastIndex, lastTerm: lastTerm(log), transfer });
  }
}

/** The leader hands over: no pre-vote, and no waiting (braft#262). */
export function onTimeoutNow(step: Step): void {
  if (mayLead(step.state)) campaign(step, true);
}

/**
 * Answers a request for a vote of the current term (paper 5.2 and 5.4.1). A granted vote leaves once it is on disk. Whoever may
 * have lost its vote, or what it needs to judge another's log, grants none.
 */
export function answerVoteRequest(step: Step, from: MemberId, request: RequestVote): void {
  const { term, vote, log, recovering } = step.state;
  const free = vote === null || vote === from;
  if (recovering || !free || !isUpToDate(log, request.lastTerm, request.lastIndex)) {
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

/** Counts a vote: with a majority, whoever asked calls the election, and a candidate leads (paper 5.2). */
export function countVote(step: Step, from: MemberId, granted: boolean): void {
  if (!isVoter(step.state.membership, from)) return;
  step.record({ kind: 'vote-counted', from, granted });
  const { kind, votes } = voteCounterOf(step.state);
  if (!isQuorum(step.state.membership, (member) => votes.get(member) === true)) return;
  if (kind === 'candidate') lead(step);
  else campaign(step, false);
}

/**
 * Takes office: an empty entry of the new term opens it, because only entries of the own term are committed by counting
 * (paper 5.4.2; thesis 6.4 for the reads that wait for it).
 */
function lead(step: Step): void {
  step.record({ kind: 'became-leader', openingIndex: step.state.log.lastIndex + 1, at: step.time.now });
  appendEntries(step, 'no-op', [new Uint8Array(0)]);
  broadcastHeartbeat(step);
  replicateToAll(step);
}
