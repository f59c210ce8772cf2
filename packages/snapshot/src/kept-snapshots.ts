import type { SnapshotInfo } from '@flotilla/core';

/** How many snapshots of a group are kept, beside the one that was read last. */
const keptMax = 2;

/**
 * Which snapshots of a group a store keeps once `added` is there: the newest, and the one with the id `lastRead`, as a transfer of it
 * may be under way. Ascending by index. For implementers of `SnapshotStore`.
 */
export function keptSnapshots<Stored extends { readonly info: SnapshotInfo }>(
  stored: readonly Stored[],
  added: Stored,
  lastRead: string | undefined,
): readonly Stored[] {
  // Two with equal bytes differ in where they belong, if a machine did not change between two entries.
  const others = stored.filter(({ info }) => info.id !== added.info.id || info.index !== added.info.index);
  const ascending = [...others, added].sort((a, b) => a.info.index - b.info.index);
  const newest = ascending.slice(-keptMax);
  return [...ascending.filter((each) => each.info.id === lastRead && !newest.includes(each)).slice(-1), ...newest];
}
