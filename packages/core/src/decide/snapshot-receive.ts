import type { MemberId } from '../entry.ts';
import type { ChunkStored, SnapshotRestored } from '../input.ts';
import type { SnapshotChunk } from '../message.ts';
import { incomingOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { advanceApply } from './commit.ts';

/**
 * A follower takes a snapshot part by part, each stored before the next is asked for (paper 7, figure 13). The parts keep the
 * election timer quiet like any word of the leader, so that a transfer may take longer than an election timeout.
 */
export function onSnapshotChunk(step: Step, from: MemberId, { snapshot, offset, bytes, checksum }: SnapshotChunk): void {
  const { term, commitIndex, incoming, storageFull } = step.state;
  // Everything that it covers is here already.
  if (snapshot.index <= commitIndex) return step.promise(from, { kind: 'append-accepted', term, matchIndex: commitIndex });
  // The leader sends this part again, until there is room for it.
  if (storageFull) return;
  // The machine cannot be taken away from under a restore that is under way.
  if (incoming?.stage === 'restoring') return;
  if (incoming?.snapshot.id !== snapshot.id) step.record({ kind: 'snapshot-offered', snapshot });
  const { offset: expected, stage } = incomingOf(step.state);
  if (stage === 'storing') return;
  if (offset !== expected) return tellOffset(step, snapshot.id, expected);
  if (offset === snapshot.size) return restore(step);
  // A sender that cannot read its snapshot any more sends nothing.
  if (bytes.length === 0) return;
  step.record({ kind: 'chunk-accepted' });
  step.effect({ kind: 'store-chunk', snapshot, offset, bytes, checksum });
}

export function onChunkStored(step: Step, { snapshotId, offset }: ChunkStored): void {
  const { incoming } = step.state;
  if (incoming?.snapshot.id !== snapshotId || incoming.stage !== 'storing') return;
  step.record({ kind: 'chunk-stored', offset });
  tellOffset(step, snapshotId, offset);
  if (offset === incoming.snapshot.size) restore(step);
}

function restore(step: Step): void {
  const { snapshot } = incomingOf(step.state);
  step.record({ kind: 'restore-begun' });
  step.effect({ kind: 'restore-snapshot', snapshot });
}

/** The machine has the state: now the log begins behind it. What follows it in a log that matches stays (openraft#559). */
export function onSnapshotRestored(step: Step, { snapshotId, intact }: SnapshotRestored): void {
  const { incoming, leader, id, term } = step.state;
  if (incoming?.snapshot.id !== snapshotId || incoming.stage !== 'restoring') return;
  if (!intact) {
    step.record({ kind: 'incoming-dropped' });
    tellOffset(step, snapshotId, 0);
    // The machine stood still for it; the log may have brought more meanwhile.
    return advanceApply(step);
  }
  step.record({ kind: 'snapshot-installed', snapshot: incoming.snapshot });
  if (leader !== null && leader !== id) step.promise(leader, { kind: 'append-accepted', term, matchIndex: incoming.snapshot.index });
  advanceApply(step);
}

function tellOffset(step: Step, snapshotId: string, offset: number): void {
  const { leader, id, term } = step.state;
  // It may lead itself by now.
  if (leader !== null && leader !== id) step.send(leader, { kind: 'snapshot-reply', term, snapshotId, offset });
}
