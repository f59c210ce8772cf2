import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { ProposalAnswer, ProposalPosition, Propose, ProposeReply } from '../message.ts';
import { leaderOf } from '../roles.ts';
import type { RaftState } from '../state.ts';
import type { Step } from '../step.ts';
import { appendEntries } from './log-entries.ts';
import { replicateToAll } from './replication.ts';

/** Commands from this host: a leader takes them, a follower forwards them. */
export function onProposed(step: Step, id: number, payloads: readonly Uint8Array[]): void {
  const { role, leader, storageFull } = step.state;
  invariant(payloads.length > 0, () => `proposal ${id} has no command`);
  // Also a follower: it would not see what becomes of them.
  if (storageFull) answerProposal(step, id, null, { reason: 'storage_full' });
  else if (role.kind === 'leader') takeOrPause(step, { id, from: null, payloads });
  else if (leader !== null) step.send(leader, { kind: 'propose', id, payloads });
  else answerProposal(step, id, null, { reason: 'no_leader' });
}

/**
 * Commands that a follower forwarded. It is told the slot, and finds the outcome when it applies that slot itself; so one that
 * leaves, and will not be sent what comes after that, is told to have them taken elsewhere.
 */
export function answerForwarded(step: Step, from: MemberId, { id, payloads }: Propose): void {
  const stays = step.state.membership.members.some((member) => member.id === from);
  if (step.state.role.kind === 'leader' && stays) takeOrPause(step, { id, from, payloads });
  else answerProposal(step, id, from, { reason: 'leadership_lost' });
}

export function onProposeReply(step: Step, { id, answer }: ProposeReply): void {
  answerProposal(step, id, null, answer);
}

interface Proposal {
  readonly id: number;
  readonly from: MemberId | null;
  readonly payloads: readonly Uint8Array[];
}

/**
 * While leadership is on its way to somebody else the log must end somewhere: proposals wait for what comes of it. Likewise a
 * leader that is being removed would not see the end of what it takes now.
 */
function takeOrPause(step: Step, proposal: Proposal): void {
  const { id, from, payloads } = proposal;
  if (step.state.storageFull) return answerProposal(step, id, from, { reason: 'storage_full' });
  if (!hasRoom(step.state, payloads)) return answerProposal(step, id, from, { reason: 'overloaded' });
  if (leaderOf(step.state).transfer !== null || isLeaving(step.state)) return step.record({ kind: 'proposal-paused', proposal });
  answerProposal(step, id, from, { position: takeCommands(step, payloads) });
}

function isLeaving({ id, membership }: RaftState): boolean {
  return !membership.members.some((member) => member.id === id);
}

function takeCommands(step: Step, payloads: readonly Uint8Array[]): ProposalPosition {
  const { log, term } = step.state;
  appendEntries(step, 'command', payloads);
  replicateToAll(step);
  return { firstIndex: log.lastIndex + 1, term };
}

/** This member goes on leading after all: whoever waited gets a slot. */
export function resumeProposals(step: Step, paused: readonly Proposal[]): void {
  for (const { id, from, payloads } of paused) answerProposal(step, id, from, { position: takeCommands(step, payloads) });
}

/** What waited entered no log, and may be tried elsewhere. */
export function abandonProposals(step: Step): void {
  for (const { id, from } of leaderOf(step.state).paused) answerProposal(step, id, from, { reason: 'leadership_lost' });
}

/**
 * What is not committed stays in memory, here and on the followers. A leader without a majority, or with a disk that
 * stalls, must not take commands without end. One proposal is always taken, however large it is.
 */
function hasRoom(state: RaftState, payloads: readonly Uint8Array[]): boolean {
  const { uncommitted, paused } = leaderOf(state);
  const { uncommittedEntriesMax, uncommittedBytesMax } = state.config;
  if (uncommitted.length === 0 && paused.length === 0) return true;
  const waiting = paused.flatMap((proposal) => proposal.payloads).concat(payloads);
  const entries = state.log.lastIndex - state.commitIndex + waiting.length;
  const taken = uncommitted.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
  const bytes = waiting.reduce((sum, { length }) => sum + length, taken);
  return entries <= uncommittedEntriesMax && bytes <= uncommittedBytesMax;
}

function answerProposal(step: Step, id: number, to: MemberId | null, answer: ProposalAnswer): void {
  if (to !== null) step.send(to, { kind: 'propose-reply', id, answer });
  else if ('position' in answer) step.effect({ kind: 'accept-proposal', id, position: answer.position });
  else step.effect({ kind: 'reject-proposal', id, reason: answer.reason });
}
