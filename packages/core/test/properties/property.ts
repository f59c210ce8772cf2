import type { Decision, Entry } from '../../src/index.ts';
import type { Cluster, Occurrence } from '../cluster/cluster.ts';
import type { History } from './history.ts';

/** Begins to watch a run; throws when the property does not hold. The history tells what was before this occurrence. */
export type Property = (cluster: Cluster, history: History) => (occurrence: Occurrence) => void;

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The same entry; a witness has it without its command. */
export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.index === b.index && a.term === b.term && a.time === b.time && a.kind === b.kind && samePayload(a, b);
}

function samePayload({ kind, payload }: Entry, { payload: other }: Entry): boolean {
  if (kind === 'command' && (payload.length === 0 || other.length === 0)) return true;
  return payload.length === other.length && payload.every((byte, i) => byte === other[i]);
}

/** Whether a decision changed which entries the member has. */
export function changedLog({ events }: Decision): boolean {
  return events.some(
    ({ kind }) => kind === 'entries-appended' || kind === 'log-truncated' || kind === 'log-compacted' || kind === 'snapshot-installed',
  );
}
