import type { Index, MemberId } from '../entry.ts';
import { batchBytesMin } from '../evolve/leadership.ts';
import type { AppendSent } from '../input.ts';
import { knownTermAt } from '../log.ts';
import { leaderOf, progressOf } from '../roles.ts';
import { keepsNoPayloads } from '../state.ts';
import type { Step } from '../step.ts';
import { noteTold } from './heartbeat.ts';
import { sendSnapshot } from './snapshot-send.ts';

/** Sends every follower what its window allows (paper 5.3; pipelining as in the thesis 10.2.1). */
export function replicateToAll(step: Step): void {
  for (const peer of leaderOf(step.state).progress.keys()) replicate(step, peer);
}

/** Called when the leader's own disk has more: see {@link sendableIndex}. */
export function replicateToWitnesses(step: Step): void {
  for (const peer of leaderOf(step.state).progress.keys()) if (keepsNoPayloads(step.state, peer)) replicate(step, peer);
}

/**
 * A witness gets what the leader's own disk has. If it had more, and the leader lost that in a crash, the witness could refuse
 * everybody who can lead its vote, and has not the payloads to lead itself.
 */
function sendableIndex({ state }: Step, peer: MemberId): Index {
  return keepsNoPayloads(state, peer) ? Math.min(state.log.lastIndex, state.persistedIndex) : state.log.lastIndex;
}

/** One append at a time: how far it goes, the runtime says, which knows the entries' sizes; then comes the next one. */
export function replicate(step: Step, peer: MemberId): void {
  const { config, log } = step.state;
  const { mode, probing, sending, matchIndex, nextIndex, inflight, batchBytes } = progressOf(step.state, peer);
  if (mode === 'snapshot' || sending) return;
  if (nextIndex <= log.snapshotIndex) return sendSnapshot(step, peer);
  if (mode === 'probe') return probing ? undefined : probe(step, peer);
  const lastIndex = Math.min(sendableIndex(step, peer), matchIndex + config.inflightEntriesMax, nextIndex + config.appendEntriesMax - 1);
  const room = config.inflightBytesMax - inflight.reduce((sum, { bytes }) => sum + bytes, 0);
  if (lastIndex < nextIndex || room <= 0 || inflight.length >= config.inflightAppendsMax) return;
  step.record({ kind: 'append-asked', peer });
  sendRange(step, peer, nextIndex - 1, lastIndex, Math.min(batchBytes, room));
}

export function onAppendSent(step: Step, { to, term, prevIndex, lastIndex, bytes }: AppendSent): void {
  const { state, time } = step;
  if (state.role.kind !== 'leader' || state.term !== term) return;
  const progress = state.role.progress.get(to);
  if (progress === undefined || !progress.sending || prevIndex !== progress.nextIndex - 1) return;
  step.record({ kind: 'append-noted', peer: to, lastIndex, bytes, at: time.now });
  noteTold(step, to, Math.min(state.commitIndex, lastIndex));
  replicate(step, to);
}

/** Asks whether the follower's log meets this one at its next index. One entry rides along: with luck it does. */
export function probe(step: Step, peer: MemberId): void {
  const { nextIndex } = progressOf(step.state, peer);
  sendRange(step, peer, nextIndex - 1, Math.max(nextIndex - 1, Math.min(sendableIndex(step, peer), nextIndex)), batchBytesMin);
  step.record({ kind: 'peer-probed', peer });
}

function sendRange(step: Step, to: MemberId, prevIndex: Index, lastIndex: Index, bytesMax: number): void {
  const { term, log, commitIndex } = step.state;
  const prevTerm = knownTermAt(log, prevIndex);
  const withoutPayloads = keepsNoPayloads(step.state, to);
  step.effect({ kind: 'replicate', to, term, prevIndex, prevTerm, lastIndex, bytesMax, commit: commitIndex, withoutPayloads });
}

/** Asks whether the follower has everything that it was sent, without sending any of it again. */
export function askForAll(step: Step, peer: MemberId): void {
  const { nextIndex } = progressOf(step.state, peer);
  sendRange(step, peer, nextIndex - 1, nextIndex - 1, batchBytesMin);
}
