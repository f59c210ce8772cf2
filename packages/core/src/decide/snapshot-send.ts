import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { SnapshotUnreadable } from '../input.ts';
import type { SnapshotReply } from '../message.ts';
import { isPeer, progressOf } from '../roles.ts';
import type { SnapshotInfo } from '../snapshot.ts';
import { keepsNoPayloads } from '../state.ts';
import type { Step } from '../step.ts';

/** The entries that this peer needs are no longer in the log: it gets the state that they led to (paper 7). */
export function sendSnapshot(step: Step, peer: MemberId): void {
  const { snapshot, log } = step.state;
  invariant(snapshot !== null && snapshot.index >= log.snapshotIndex, `no snapshot stands for the log up to ${log.snapshotIndex}`);
  step.record({ kind: 'snapshot-sending', peer, snapshot: snapshotFor(step, peer, snapshot), at: step.time.now });
  sendChunk(step, peer);
}

/** A witness keeps no state: it needs to know where the log goes on, and no more. */
function snapshotFor({ state }: Step, peer: MemberId, snapshot: SnapshotInfo): SnapshotInfo {
  return keepsNoPayloads(state, peer) ? { ...snapshot, id: `${snapshot.id.slice(0, 48)}-witness`, size: 0 } : snapshot;
}

/** Sends what follows on what the peer has. Also what was lost: it is not known to have arrived. */
export function sendChunk(step: Step, peer: MemberId): void {
  const { term, config } = step.state;
  const { outgoing } = progressOf(step.state, peer);
  if (outgoing === null) return;
  const { snapshot, offset } = outgoing;
  step.effect({ kind: 'send-chunk', to: peer, term, snapshot, offset, bytesMax: config.snapshotChunkBytesMax });
}

/**
 * The transfer goes on from where the peer says, whatever was lost. One that was set back, because it lost what it had or it
 * was not what it should be, waits for the next heartbeat: a snapshot that is never intact must not be sent without end.
 */
export function onChunkAcknowledged(step: Step, peer: MemberId, { snapshotId, offset }: SnapshotReply): void {
  const { outgoing } = progressOf(step.state, peer);
  if (outgoing === null || outgoing.snapshot.id !== snapshotId || offset === outgoing.offset) return;
  step.record({ kind: 'chunk-acknowledged', peer, offset: Math.min(offset, outgoing.snapshot.size), at: step.time.now });
  if (offset > outgoing.offset && offset < outgoing.snapshot.size) sendChunk(step, peer);
}

/** What was being sent is gone: the transfer begins again with the newest snapshot, if that is another one. */
export function onSnapshotUnreadable(step: Step, { to, snapshotId }: SnapshotUnreadable): void {
  if (!isPeer(step.state, to)) return;
  const { outgoing } = progressOf(step.state, to);
  const { snapshot } = step.state;
  if (outgoing?.snapshot.id === snapshotId && snapshot !== null && snapshot.id !== snapshotId) sendSnapshot(step, to);
}

/** A transfer that does not get on for so many election timeouts must not keep the log from being compacted. */
const patienceInTimeouts = 10;

/** How far the log may be compacted without making a transfer that is under way useless: it would have to begin again (consul#9609). */
export function transfersHold({ state, time }: Step): number {
  if (state.role.kind !== 'leader') return Number.POSITIVE_INFINITY;
  const since = time.now - patienceInTimeouts * state.config.electionTimeoutMs;
  const held = [...state.role.progress.values()].flatMap(({ outgoing }) =>
    outgoing !== null && outgoing.movedAt > since ? [outgoing.snapshot.index] : [],
  );
  return Math.min(...held, Number.POSITIVE_INFINITY);
}
