import type { Entry, EntryKind, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { ProposalPosition, Propose, ProposeReply } from '../message.ts';
import { leaderOf } from '../roles.ts';
import type { RaftState } from '../state.ts';
import type { Step } from '../step.ts';
import { replicateToAll } from './replication.ts';

/** Puts a leader's new entries at the end of its log. Its own disk and its followers get them at the same time. */
export function appendEntries(step: Step, kind: EntryKind, payloads: readonly Uint8Array[]): void {
  const { term, log, logTime } = step.state;
  // Log time never goes back, even where this leader's wall clock is behind that of the one before.
  const time = Math.max(logTime, step.time.wallTime);
  const entries: Entry[] = payloads.map((payload, i) => ({ index: log.lastIndex + 1 + i, term, time, kind, payload }));
  step.record({ kind: 'entries-appended', entries });
}

/** Commands from this host: a leader takes them, a follower forwards them. */
export function onProposed(step: Step, id: number, payloads: readonly Uint8Array[]): void {
  const { role, leader } = step.state;
  invariant(payloads.length > 0, `proposal ${id} has no command`);
  if (role.kind === 'leader') {
    const position = takeCommands(step, payloads);
    step.effect(position ? { kind: 'accept-proposal', id, position } : { kind: 'reject-proposal', id, reason: 'overloaded' });
  } else if (leader !== null) {
    step.send(leader, { kind: 'propose', id, payloads });
  } else {
    step.effect({ kind: 'reject-proposal', id, reason: 'no_leader' });
  }
}

/** Commands that a follower forwarded. It is told the slot, and finds the outcome when it applies that slot itself. */
export function answerForwarded(step: Step, from: MemberId, { id, payloads }: Propose): void {
  if (step.state.role.kind !== 'leader') return step.send(from, { kind: 'propose-reply', id, answer: { reason: 'leadership_lost' } });
  const position = takeCommands(step, payloads);
  step.send(from, { kind: 'propose-reply', id, answer: position ? { position } : { reason: 'overloaded' } });
}

export function onProposeReply(step: Step, { id, answer }: ProposeReply): void {
  if ('position' in answer) step.effect({ kind: 'accept-proposal', id, position: answer.position });
  else step.effect({ kind: 'reject-proposal', id, reason: answer.reason });
}

/** The slot that the commands got, or null where this leader has too much that is not committed yet. */
function takeCommands(step: Step, payloads: readonly Uint8Array[]): ProposalPosition | null {
  const { log, term } = step.state;
  if (!hasRoom(step.state, payloads)) return null;
  appendEntries(step, 'command', payloads);
  replicateToAll(step);
  return { firstIndex: log.lastIndex + 1, term };
}

/**
 * What is not committed stays in memory, here and on the followers. A leader without a majority, or with a disk that
 * stalls, must not take commands without end. One proposal is always taken, however large it is.
 */
function hasRoom(state: RaftState, payloads: readonly Uint8Array[]): boolean {
  const { uncommitted } = leaderOf(state);
  const { uncommittedEntriesMax, uncommittedBytesMax } = state.config;
  if (uncommitted.length === 0) return true;
  const entries = state.log.lastIndex - state.commitIndex + payloads.length;
  const waiting = uncommitted.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);
  const bytes = payloads.reduce((sum, { length }) => sum + length, waiting);
  return entries <= uncommittedEntriesMax && bytes <= uncommittedBytesMax;
}
