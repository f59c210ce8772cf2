import type { Index } from '../entry.ts';
import { knownTermAt } from '../log.ts';
import type { Membership } from '../membership.ts';
import type { SnapshotInfo } from '../snapshot.ts';
import { membershipAt } from '../state.ts';
import type { Step } from '../step.ts';
import { transfersHold } from './snapshot-send.ts';

/** A snapshot stands for the entries up to its index; the last of them stay a while, for followers that are a little late. */
export function onSnapshotTaken(step: Step, snapshot: SnapshotInfo): void {
  const { state } = step;
  if (snapshot.index <= (state.snapshot?.index ?? 0) || snapshot.index > state.applyIndex) return;
  if (!isKnown(snapshot.membership)) return;
  step.record({ kind: 'snapshot-taken', snapshot });
  compact(step, Math.min(snapshot.index - state.config.trailingEntries, transfersHold(step)), snapshot.time);
}

/** A witness has no state to take a snapshot of, and needs no entry that is committed; now and then it drops them. */
export function compactWitness(step: Step): void {
  const { log, applyIndex, config, logTime } = step.state;
  if (applyIndex - log.snapshotIndex > 2 * config.trailingEntries) compact(step, applyIndex - config.trailingEntries, logTime);
}

function compact(step: Step, index: Index, time: number): void {
  const { log } = step.state;
  if (index <= log.snapshotIndex) return;
  const membership = membershipAt(step.state, index);
  if (isKnown(membership)) step.record({ kind: 'log-compacted', base: { index, term: knownTermAt(log, index), time, membership } });
}

/**
 * Who joined later does not know who belonged to the group before its own joining. Nobody may begin behind such an entry: a
 * member that got that snapshot would take itself for a stranger.
 */
function isKnown({ members }: Membership): boolean {
  return members.length > 0;
}
