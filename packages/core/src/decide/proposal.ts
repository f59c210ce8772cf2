import type { Entry, EntryKind, MemberId } from '../entry.ts';
import type { Propose, ProposeReply } from '../message.ts';
import type { Step } from '../step.ts';
import { replicateToAll } from './replication.ts';

/** Puts a leader's new entries at the end of its log. Its own disk and its followers get them at the same time. */
export function appendEntries(step: Step, kind: EntryKind, payloads: readonly Uint8Array[], wallTime: number): void {
  const { term, log, logTime } = step.state;
  // Log time never goes back, even where this leader's wall clock is behind that of the one before.
  const time = Math.max(logTime, wallTime);
  const entries: Entry[] = payloads.map((payload, i) => ({ index: log.lastIndex + 1 + i, term, time, kind, payload }));
  step.record({ kind: 'entries-appended', entries });
}

/** Commands from this host: a leader takes them, a follower forwards them. */
export function onProposed(step: Step, id: number, payloads: readonly Uint8Array[]): void {
  const { role, leader, log, term } = step.state;
  if (role.kind === 'leader') {
    takeCommands(step, payloads);
    step.effect({ kind: 'accept-proposal', id, position: { firstIndex: log.lastIndex + 1, term } });
  } else if (leader !== null) {
    step.send(leader, { kind: 'propose', id, payloads });
  } else {
    step.effect({ kind: 'reject-proposal', id, reason: 'no_leader' });
  }
}

/** Commands that a follower forwarded. It is told the slot, and finds the outcome when it applies that slot itself. */
export function answerForwarded(step: Step, from: MemberId, { id, payloads }: Propose): void {
  const { role, log, term } = step.state;
  if (role.kind !== 'leader') return step.send(from, { kind: 'propose-reply', id, position: null });
  takeCommands(step, payloads);
  step.send(from, { kind: 'propose-reply', id, position: { firstIndex: log.lastIndex + 1, term } });
}

export function onProposeReply(step: Step, { id, position }: ProposeReply): void {
  if (position) step.effect({ kind: 'accept-proposal', id, position });
  else step.effect({ kind: 'reject-proposal', id, reason: 'leadership_lost' });
}

function takeCommands(step: Step, payloads: readonly Uint8Array[]): void {
  if (payloads.length === 0) return;
  appendEntries(step, 'command', payloads, step.time.wallTime);
  replicateToAll(step);
}
