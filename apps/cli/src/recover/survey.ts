import {
  describeMembership,
  findMember,
  type GroupId,
  type Index,
  lastTerm,
  type MemberId,
  type MemberInfo,
  type PlacedMembership,
  type Term,
} from '@flotilla/core';
import { clusterIdOf, openLmdbStorageReadOnly } from '@flotilla/storage-lmdb';
import { formatTable } from '../output.ts';

/** What a member's disk tells about one of its groups. */
export interface GroupSurvey {
  readonly group: GroupId;
  readonly term: Term;
  readonly vote: MemberId | null;
  /** The log holds what is behind this. */
  readonly begin: Index;
  readonly lastIndex: Index;
  /** Term of the last entry: of several members, the one with the highest has the newest log, whatever its length. */
  readonly lastTerm: Term;
  /** Everything up to here is certainly committed. What is behind it may be or not: only a majority could tell. */
  readonly knownCommitted: Index;
  /** Every one that may count: the newest that is certainly committed, and those behind it. Empty where none is recorded. */
  readonly memberships: readonly PlacedMembership[];
}

/** What a member's disk tells. */
export interface Survey {
  readonly directory: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** What the members call it among each other. */
  readonly clusterId: string;
  readonly member: MemberId;
  readonly app: string | null;
  readonly groups: readonly GroupSurvey[];
}

/** Reads and verifies a data directory, changing nothing. Throws `data_directory_unusable` or `log_corrupted`. */
export async function survey(directory: string): Promise<Survey> {
  const reader = await openLmdbStorageReadOnly(directory);
  try {
    const groups: GroupSurvey[] = [];
    for (const group of reader.groups()) {
      const { hardState, log, memberships } = await reader.recover(group);
      const knownCommitted = Math.max(log.snapshotIndex, reader.applied(group));
      const committed = memberships.findLastIndex(({ index }) => index <= knownCommitted);
      groups.push({
        group,
        ...hardState,
        begin: log.snapshotIndex,
        lastIndex: log.lastIndex,
        lastTerm: lastTerm(log),
        knownCommitted,
        memberships: memberships.slice(Math.max(0, committed)),
      });
    }
    const { clusterId, memberId, app } = reader.identity;
    return { directory, cluster: clusterId, clusterId: clusterIdOf(reader.identity), member: memberId, app, groups };
  } finally {
    await reader.close();
  }
}

/** The surveyed member as the newest memberships know it. */
export function ownInfo({ member, groups }: Survey): MemberInfo | undefined {
  for (const { memberships } of groups) {
    const newest = memberships.at(-1)?.membership;
    const info = newest && findMember(newest, member);
    if (info) return info;
  }
  return undefined;
}

export function describeSurvey({ directory, clusterId, member, app, groups }: Survey): string {
  const what = `member ${member} of cluster "${clusterId}"${app === null ? '' : `, app ${app}`}, in ${directory}`;
  return [what, ...groups.map((group) => describeGroup(group, member))].join('\n');
}

function describeGroup(
  { group, term, vote, begin, lastIndex, lastTerm: newestTerm, knownCommitted, memberships }: GroupSurvey,
  self: MemberId,
): string {
  const lines = [
    `group ${group}`,
    `  term ${term}, vote ${vote ?? 'none'}`,
    `  last entry ${lastIndex} of term ${newestTerm}; the log begins behind ${begin}`,
    `  certainly committed up to ${knownCommitted}; behind it unknown, only a majority could tell`,
  ];
  const newest = memberships.at(-1);
  if (!newest) return [...lines, '  no membership is recorded'].join('\n');
  const known = newest.index <= knownCommitted ? 'committed' : 'whether it is committed is unknown';
  lines.push(`  newest membership: entry ${newest.index}, ${describeMembership(newest.membership)} (${known})`);
  const { members, outgoing } = newest.membership;
  const everybody = [...members, ...(outgoing ?? []).filter(({ id }) => !members.some((each) => each.id === id))];
  const rows = everybody.map(({ id, peerAddress, clientAddress }) => [
    String(id),
    peerAddress,
    clientAddress,
    id === self ? 'this member' : '',
  ]);
  if (rows.length > 0) lines.push(formatTable(['MEMBER', 'PEERS', 'CLIENTS', ''], rows).replace(/^/gm, '    '));
  return lines.join('\n');
}
