import { encodeMembership, findMember, type GroupId, type Index, type MemberInfo, type Membership, type Term } from '@flotilla/core';
import { type LogWrite, type RecoveredLog, StorageError } from '@flotilla/storage';
import { openClaimedFile } from './claimed-file.ts';
import { logFile, openDataDirectory } from './data-directory.ts';
import { clusterIdOf, newClusterIncarnation, readIdentity } from './identity.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { enterGeneration } from './log-generation.ts';
import { LogReader } from './log-reader.ts';

export interface ForceMembershipOptions {
  /** Who is to be the whole group: this directory's member and nobody else, as a voter. */
  readonly members: readonly MemberInfo[];
  /** Log time of the new entry in milliseconds, where that of the log is not later; default now. */
  readonly now?: number;
  /**
   * Called with what is about to be written, while nobody else can have the directory; nothing is changed where it rejects.
   * Not called where nothing is to be written.
   */
  readonly confirm?: (planned: readonly ForcedGroup[]) => Promise<void>;
}

/** The membership that was written for one group. */
export interface ForcedGroup {
  readonly group: GroupId;
  readonly index: Index;
  readonly term: Term;
  readonly membership: Membership;
}

export interface ForcedMembership {
  /** What the cluster is called from now on, see `LmdbStorage.clusterId`. */
  readonly clusterId: string;
  /** Empty where this member was alone in every group already: then nothing was changed. */
  readonly groups: readonly ForcedGroup[];
}

/**
 * Makes the member of a data directory the only one of all its groups, for when a majority is lost for good. Writes that
 * only the lost members had are lost.
 *
 * The cluster gets a new incarnation first: after a crash in between, the member is in a cluster of its own, in which it
 * still cannot lead. Then one write does the rest for all groups. Repeating it after that changes nothing.
 *
 * Throws `data_directory_in_use`, `data_directory_unusable`, `log_corrupted`, or `recovery_refused` with what stands in
 * the way.
 */
export async function forceMembership(directory: string, options: ForceMembershipOptions): Promise<ForcedMembership> {
  const { clusterId, memberId } = await readIdentity(directory);
  const [member, ...others] = options.members;
  if (!member || others.length > 0 || member.id !== memberId || !member.voter || member.witness) {
    throw refused(
      `${directory} is the data of member ${memberId}: only that member can be the whole group, as a voter`,
      `Only one member's data can continue. Name member ${memberId} alone, and add others afterwards as new members.`,
    );
  }
  const held = await openDataDirectory(directory, { clusterId, memberId }, { evenRolledBack: true });
  try {
    const environment = await openClaimedFile(held, logFile);
    const generation = await enterGeneration(environment, held);
    const store = new LmdbLogStore(environment, { generation, terms: held.identityFile });
    try {
      const found = [];
      for (const group of new LogReader(environment.db, environment.file).groups()) found.push({ group, log: await store.recover(group) });
      if (found.length === 0) throw refused(`${directory} holds no group`, 'Name the directory of a member that took part in its group.');
      const forced = found.flatMap(({ group, log }) => plan(group, log, member, options.now ?? Date.now()));
      if (forced.length === 0) return { clusterId: clusterIdOf(held.identity), groups: [] };
      const groups = forced.map(({ forced: each }) => each);
      await options.confirm?.(groups);
      const clusterIncarnation = newClusterIncarnation();
      await held.identityFile.change({ clusterIncarnation, rolledBack: null });
      await store.write(forced.map(({ write }) => write));
      return { clusterId: clusterIdOf({ clusterId, clusterIncarnation }), groups };
    } finally {
      await store.close();
    }
  } finally {
    await held.release();
  }
}

interface PlannedForce {
  readonly forced: ForcedGroup;
  readonly write: LogWrite;
}

/** The entry that makes `self` the whole group; none where it is already. */
function plan(group: GroupId, { hardState, log, lastTime, memberships }: RecoveredLog, self: MemberInfo, now: number): PlannedForce[] {
  const current = memberships.at(-1)?.membership;
  const known = current && findMember(current, self.id);
  if (!current || !known) {
    throw refused(
      `member ${self.id} is no member of group ${group}, as far as its own log says`,
      'It was never added, or was removed: recover from a member that took part.',
    );
  }
  if (known.witness) {
    throw refused(`member ${self.id} is a witness of group ${group}: it has no commands`, 'Recover from a member that has them.');
  }
  const alone = current.members.length === 1 && known.voter && current.outgoing === null && current.pending === null;
  if (alone) return [];
  const membership: Membership = {
    members: [self],
    outgoing: null,
    pending: null,
    highestId: Math.max(current.highestId, self.id),
  };
  const index = log.lastIndex + 1;
  const term = hardState.term + 1;
  const entry = { index, term, time: Math.max(lastTime, now), kind: 'membership', payload: encodeMembership(membership) } as const;
  const write = { group, hardState: { term, vote: self.id }, base: null, truncateAfter: null, entries: [entry] };
  return [{ forced: { group, index, term, membership }, write }];
}

function refused(message: string, hint: string): StorageError {
  return new StorageError('recovery_refused', message, hint);
}
