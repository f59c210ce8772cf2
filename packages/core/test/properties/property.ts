import { isDeepStrictEqual } from 'node:util';
import type { Entry } from '../../src/index.ts';
import type { Cluster, Occurrence } from '../cluster/cluster.ts';
import type { History } from './history.ts';

/** Begins to watch a run; throws when the property does not hold. The history tells what was before this occurrence. */
export type Property = (cluster: Cluster, history: History) => (occurrence: Occurrence) => void;

export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.term === b.term && isDeepStrictEqual(a, b));
}
