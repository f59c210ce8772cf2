import {
  beginRecovering,
  canRecover,
  emptyMembership,
  FlotillaError,
  foundingMembership,
  type Index,
  interruptedInstall,
  isWitness,
  type LogBase,
  type MemberId,
  type SnapshotInfo,
} from '@flotilla/core';
import type { LogStore, LogWrite, RecoveredLog } from '@flotilla/storage';
import type { ApplyLoop } from './apply-loop.ts';
import type { GroupConfig } from './host-config.ts';
import type { Snapshots } from './snapshots.ts';

/** What a member finds on its disk. */
export interface LoadedLog {
  readonly recovered: RecoveredLog;
  /** What the machine has the state of, and what stands for the log's beginning. */
  readonly snapshot: SnapshotInfo | null;
  readonly witness: boolean;
  /** What begins the log of a new group, and is not written yet; null where the log has begun. */
  readonly founding: LogWrite | null;
}

/**
 * Loads a group's log, and brings the machine to where it goes on. Throws `snapshot_missing` or `snapshot_damaged` where it goes on
 * behind a snapshot that is not there, and `cannot_heal` where others would have to lead for this member to recover, and cannot
 * without it.
 */
export async function loadLog(
  store: LogStore,
  snapshots: Snapshots,
  applyLoop: ApplyLoop,
  group: GroupConfig,
  member: MemberId,
): Promise<LoadedLog> {
  const found = await store.recover(group.id);
  const snapshot = await snapshots.recover(found.log);
  const recovered = await completed(store, group, found, snapshot);
  const base = recovered.base ?? foundingBase(group);
  const witness = group.witness ?? isWitness(base.membership, member);
  const { snapshotIndex } = recovered.log;
  const { membership } = recovered.memberships.at(-1) ?? base;
  if (recovered.hardState.recovering && !canRecover(membership, member)) throw cannotHeal();
  if (!witness && snapshotIndex > applyLoop.appliedIndex) throw snapshotMissing(snapshotIndex);
  if (recovered.base !== null) return { recovered, snapshot, witness, founding: null };
  const memberships = [{ index: base.index, membership: base.membership }, ...recovered.memberships];
  return { recovered: { ...recovered, memberships }, snapshot, witness, founding: beginning(group, base) };
}

/**
 * Where a crash came between storing a snapshot and beginning the log behind it, the latter is done now. A member that has lost
 * something enters a term in which it has promised nothing.
 */
async function completed(store: LogStore, group: GroupConfig, found: RecoveredLog, snapshot: SnapshotInfo | null): Promise<RecoveredLog> {
  const base = interruptedInstall(found.log, snapshot);
  const hardState = beginRecovering(found.hardState);
  if (base === null && hardState === null) return found;
  await store.write([{ group: group.id, hardState, base, truncateAfter: null, entries: [] }]);
  return store.recover(group.id);
}

function foundingBase({ founders }: GroupConfig): LogBase {
  return { index: 0, term: 0, time: 0, membership: founders.length > 0 ? foundingMembership(founders) : emptyMembership };
}

function beginning({ id }: GroupConfig, base: LogBase): LogWrite {
  return { group: id, hardState: null, base, truncateAfter: null, entries: [] };
}

function snapshotMissing(index: Index): FlotillaError {
  return new FlotillaError(
    'snapshot_missing',
    `the log begins behind entry ${index}, and no snapshot stands for what was before`,
    'Bind the snapshot store that this member had, or remove this member and add it afresh.',
  );
}

function cannotHeal(): FlotillaError {
  return new FlotillaError(
    'cannot_heal',
    'this member has lost a part of its log or its vote, and the other voters of its group cannot elect a leader without it',
    'Restore a backup, or run `flotilla recover` on the member that has the most. If the group has more voters by now, remove this member and add it afresh.',
  );
}
