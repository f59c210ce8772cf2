import type { Entry, EntryKind, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { ProposalPosition, Propose, ProposeReply } from '../message.ts';
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
    step.effect({ kind: 'accept-proposal', id, position: takeCommands(step, payloads) });
  } else if (leader !== null) {
    step.send(leader, { kind: 'propose', id, payloads });
  } else {
    step.effect({ kind: 'reject-proposal', id, reason: 'no_leader' });
  }
}

/** Commands that a follower forwarded. It is told the slot, and finds the outcome when it applies that slot itself. */
export function answerForwarded(step: Step, from: MemberId, { id, payloads }: Propose): void {
  const leads = step.state.role.kind === 'leader';
  const answer = leads ? { position: takeCommands(step, payloads) } : ({ reason: 'leadership_lost' } as const);
  step.send(from, { kind: 'propose-reply', id, answer });
}

export function onProposeReply(step: Step, { id, answer }: ProposeReply): void {
  if ('position' in answer) step.effect({ kind: 'accept-proposal', id, position: answer.position });
  else step.effect({ kind: 'reject-proposal', id, reason: answer.reason });
}

function takeCommands(step: Step, payloads: readonly Uint8Array[]): ProposalPosition {
  const { log, term } = step.state;
  appendEntries(step, 'command', payloads);
  replicateToAll(step);
  return { firstIndex: log.lastIndex + 1, term };
}
