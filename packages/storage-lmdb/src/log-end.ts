import { type GroupId, type Index, type LogShape, termAt } from '@flotilla/core';
import type { PlannedWrite } from '@flotilla/storage';
import type { LoadedLog } from './log-reader.ts';
import { chainStart, encodeBase, encodeEntries, encodeHardState } from './log-record.ts';

/** Records on their way to the disk. */
interface UnderWay {
  readonly firstIndex: Index;
  readonly checksums: Uint32Array;
}

/** What has to be known of a log to write on: as it is once all writes under way are done. */
export interface LogEnd {
  readonly log: LogShape;
  /** The chain of the first entry. */
  readonly baseChain: number;
  /** The chain of the next entry. */
  readonly chain: number;
  readonly recovering: boolean;
  /** While it is recovering: up to here the file may hold what does not belong to the log. */
  readonly storedTo: Index;
  readonly underWay: readonly UnderWay[];
}

/** What a write does to the file, computed completely before any of it is done. */
export interface EncodedWrite {
  readonly group: GroupId;
  readonly hardState: Uint8Array | null;
  readonly base: Uint8Array | null;
  /** Removed, both included; none where `removeTo` is smaller. */
  readonly removeFrom: Index;
  readonly removeTo: Index;
  readonly firstIndex: Index;
  readonly records: readonly Uint8Array[];
  readonly checksums: Uint32Array;
}

/** What is read where only the file knows it. */
export interface StoredChecksums {
  checksum(group: GroupId, index: Index): number;
}

export function endOf({ recovered: { log, hardState }, chain, storedTo, baseChain }: LoadedLog): LogEnd {
  return { log, baseChain, chain, recovering: hardState.recovering === true, storedTo, underWay: [] };
}

/** What lies before the beginning of the log is left to `CompactedEntries`: it may be a lot, and nobody can see it. */
export function encodeWrite(
  { write: { group, hardState, base, entries }, before, after }: PlannedWrite,
  end: LogEnd,
  generation: number,
  stored: StoredChecksums,
): { readonly encoded: EncodedWrite; readonly end: LogEnd } {
  let { baseChain, recovering, storedTo } = end;
  if (base !== null) {
    const continues = termAt(before, base.index) === base.term;
    baseChain = continues ? checksumAt(group, base.index, end, stored) : chainStart(group, base.index, base.term);
  }
  const kept = after.lastIndex - entries.length;
  const chain = kept === after.snapshotIndex ? baseChain : checksumAt(group, kept, end, stored);
  const { records, checksums } = encodeEntries(group, entries, chain);
  let removeTo = before.lastIndex;
  if (hardState !== null) {
    // Healed: what the log did not get back is given up.
    if (recovering && !hardState.recovering) removeTo = Math.max(removeTo, storedTo);
    recovering = hardState.recovering === true;
    if (!recovering) storedTo = 0;
  }
  const firstIndex = kept + 1;
  const underWay = entries.length > 0 ? [...end.underWay, { firstIndex, checksums }] : end.underWay;
  return {
    encoded: {
      group,
      hardState: hardState && encodeHardState(group, hardState, generation),
      base: base && encodeBase(group, base, baseChain),
      // What the new entries overwrite need not be removed first.
      removeFrom: after.lastIndex + 1,
      removeTo,
      firstIndex,
      records,
      checksums,
    },
    end: { log: after, baseChain, chain: checksums.at(-1) ?? chain, recovering, storedTo, underWay },
  };
}

/** The end of a log once a write of it is on disk. */
export function settled(end: LogEnd, { checksums }: EncodedWrite): LogEnd {
  return checksums.length === 0 ? end : { ...end, underWay: end.underWay.filter((each) => each.checksums !== checksums) };
}

/** The checksum of an entry of the log, or of the beginning. */
function checksumAt(group: GroupId, index: Index, { log, baseChain, chain, underWay }: LogEnd, stored: StoredChecksums): number {
  if (index === log.lastIndex) return chain;
  if (index === log.snapshotIndex) return baseChain;
  // Where two writes have the index, the later one has replaced what the earlier one wrote.
  const latest = underWay.findLast(({ firstIndex, checksums }) => index >= firstIndex && index < firstIndex + checksums.length);
  return latest?.checksums[index - latest.firstIndex] ?? stored.checksum(group, index);
}
