import type { GroupId } from '@flotilla/core';
import type { Database } from './environment.ts';
import { groupKey, groupOf } from './keys.ts';

/** The groups of which anything is stored in a file, ascending. */
export function storedGroups(db: Database): GroupId[] {
  const groups: GroupId[] = [];
  for (let start = groupKey(1); ; ) {
    const [key] = db.getKeys({ start, limit: 1 });
    const group = key && groupOf(key);
    if (group === undefined) return groups;
    groups.push(group);
    if (group === 2 ** 32 - 1) return groups;
    start = groupKey(group + 1);
  }
}
