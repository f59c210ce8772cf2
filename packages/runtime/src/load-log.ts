import {
  beginRecovering,
  canRecover,
  emptyMembership,
  FlotillaError,
  foundingMembership,
  type HardState,
  type Index,
  interruptedInstall,
  isWitness,
  type LogBase,
  type MemberId,
  type SnapshotInfo,
} from '@flotilla/core';
import { type LogDamage, type LogStore, type LogWrite, type RecoveredLog, StorageError } from '@flotilla/storage';
import type { ApplyLoop } from './apply-loop.ts';
import type { GroupConfig } from './host-config.ts';
import type { Snapshots } from './snapshots.ts';

/** What a member finds on its disk. */
export interface LoadedLog {
  readonly recovered: RecoveredLog;
  /** What the machine has the state of, and what stands for the log's beginning. */
  readonly snapshot: SnapshotInfo | null;
  readonly witness: boolean;
  /** What was found damaged, and healed. */
  readonly damage: LogDamage | null;
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
  const { damage } = found;
  if (recovered.base !== null) return { recovered, snapshot, witness, damage, founding: null };
  const memberships = [{ index: base.index, membership: base.membership }, ...recovered.memberships];
  return { recovered: { ...recovered, memberships }, snapshot, witness, damage, founding: beginning(group, base) };
}

/** A disk that damages what it has each time that it is written is not worth more attempts. */
const attemptsMax = 5;

/**
 * Where a crash came between storing a snapshot and beginning the log behind it, the latter is done now. A member that has lost
 * something enters a term in which it has promised nothing. Each time that something is written, it is looked again what is there:
 * the write may have damaged something else.
 */
async function completed(store: LogStore, group: GroupConfig, found: RecoveredLog, snapshot: SnapshotInfo | null): Promise<RecoveredLog> {
  let recovered = found;
  let inNewTerm = false;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const base = interruptedInstall(recovered.log, snapshot);
    const hardState: HardState | null = inNewTerm ? null : beginRecovering(recovered.hardState);
    if (base === null && hardState === null) return recovered;
    await store.write([{ group: group.id, hardState, base, truncateAfter: null, entries: [] }]);
    inNewTerm ||= hardState !== null;
    recovered = await store.recover(group.id);
  }
  throw new StorageError(
    'log_corrupted',
    `the log is damaged again after each of ${attemptsMax} writes`,
    'Replace the disk of this machine, and this member: remove it and add it afresh.',
  );
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
