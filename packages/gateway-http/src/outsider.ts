import { type Group, type GroupStatus, unfitness } from '@flotilla/runtime';

/** Why a member serves nothing of its group, or null where it does. */
export function outsiderReason(standing: GroupStatus['standing']): string | null {
  return unfitness(standing)?.message ?? null;
}

/** Throws where the member serves nothing: for what no call of the group refuses by itself. */
export function assertInsider(group: Group): void {
  const unfit = unfitness(group.status().standing);
  if (unfit !== null) throw unfit;
}
