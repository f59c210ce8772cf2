import { isDeepStrictEqual } from 'node:util';
import type { GroupId, Index } from '@flotilla/core';
import type { JournalRecord, LogStore, RecoveredLog } from '@flotilla/storage';
import type { LmdbStateStore } from '../../src/index.ts';
import type { Workload } from './workload.ts';

/**
 * What a store says about a log that is not so, null where all of it is right: hard state, base, and every entry, byte by byte.
 * A member that recovers may lack the end of its log, and its vote, and know of a later term; what it has is the truth all the same.
 */
export function wrongInLog(logStore: LogStore, workload: Workload, group: GroupId, { hardState, base, log }: RecoveredLog): string | null {
  const known = workload.group(group);
  const last = known.terms.length - 1;
  const vote = workload.step % 4 || null;
  if (hardState.term !== workload.step && !(hardState.recovering && hardState.term > workload.step))
    return `group ${group}: term ${hardState.term} instead of ${workload.step}`;
  if (hardState.vote !== vote && !(hardState.recovering && hardState.vote === null)) {
    return `group ${group}: voted for ${hardState.vote} instead of ${vote}`;
  }
  if (!isDeepStrictEqual(base, known.base))
    return `group ${group}: begins at ${JSON.stringify(base)} instead of ${JSON.stringify(known.base)}`;
  if (log.lastIndex > last || (log.lastIndex < last && !hardState.recovering)) {
    return `group ${group}: ends with entry ${log.lastIndex} instead of ${last}`;
  }
  return wrongEntry(logStore, workload, group, log.snapshotIndex + 1, log.lastIndex);
}

function wrongEntry(logStore: LogStore, workload: Workload, group: GroupId, from: Index, to: Index): string | null {
  for (let next = from; next <= to; ) {
    for (const entry of logStore.read(group, next, to, 2 ** 20)) {
      const expected = workload.entry(group, entry.index);
      const isRight =
        entry.index === next++ &&
        entry.term === expected.term &&
        entry.time === expected.time &&
        entry.kind === expected.kind &&
        Buffer.compare(entry.payload, expected.payload) === 0;
      if (!isRight) return `group ${group}: entry ${next - 1} is not what was written`;
    }
  }
  return null;
}

/** As {@link wrongInLog}, for the applied index and the journal, which may be older, and are consistent. */
export function wrongInState(stateStore: LmdbStateStore, workload: Workload, group: GroupId, appliedMin: Index): string | null {
  const applied = stateStore.applied(group);
  const newest = workload.appliedAt(group, workload.step);
  if (applied < appliedMin) return `group ${group}: applied ${applied}, ${appliedMin} was on disk`;
  if (applied > newest) return `group ${group}: applied ${applied}, which the log has never committed (${newest})`;
  const start = stateStore.journalStart(group);
  const records = stateStore.journal(group, start, Number.MAX_SAFE_INTEGER);
  const expected = workload.journal(group, start, applied);
  if (records.length !== expected.length)
    return `group ${group}: ${records.length} journal records from ${start} on instead of ${expected.length}`;
  const wrong = records.findIndex((record, i) => !isSame(record, expected[i]));
  return wrong < 0 ? null : `group ${group}: journal record ${records[wrong]?.index} is not what was written`;
}

function isSame(record: JournalRecord, expected: JournalRecord | undefined): boolean {
  return (
    record.index === expected?.index &&
    record.term === expected.term &&
    record.time === expected.time &&
    Buffer.compare(record.events, expected.events) === 0
  );
}
