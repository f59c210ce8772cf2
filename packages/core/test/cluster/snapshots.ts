import type { Entry, SnapshotInfo } from '../../src/index.ts';

/** Bytes that a snapshot takes for each entry that it covers. */
const bytesPerEntry = 10;

/**
 * All snapshots that any member ever took, by id, as the entries that they stand for. What travels is as many bytes as they
 * have; what they mean is looked up here.
 */
export class Snapshots {
  readonly #taken = new Map<string, readonly Entry[]>();

  take(info: Omit<SnapshotInfo, 'id' | 'size'>, applied: readonly Entry[], by: number): SnapshotInfo {
    const id = `snapshot-${info.index}-of-${by}`;
    this.#taken.set(id, [...applied]);
    return { ...info, id, size: applied.length * bytesPerEntry };
  }

  entries(id: string): readonly Entry[] {
    const entries = this.#taken.get(id);
    if (entries === undefined) throw new Error(`there is no snapshot ${id}`);
    return entries;
  }
}
