import type { Entry, GroupId, HardState, Index } from '@flotilla/core';
import type { LogStore, LogWrite } from '@flotilla/storage';

/** Entries `from`…`to` of one term, each with a payload that only it has. */
export function entries(from: Index, to: Index, term = 1, payloadBytes = 16): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const index = from + i;
    return { index, term, time: 1_000 + index, kind: 'command', payload: new Uint8Array(payloadBytes).fill((index * 7 + term) % 251) };
  });
}

export function logWrite(group: GroupId, changes: Partial<LogWrite>): LogWrite {
  return { group, hardState: null, base: null, truncateAfter: null, entries: [], ...changes };
}

/** What a group's log holds: comparable, and complete enough that no two differ unseen. */
export interface LogSummary {
  readonly hardState: HardState;
  readonly entries: readonly (readonly [index: Index, term: number, firstByte: number | undefined])[];
}

export function summaryOf(hardState: HardState, log: readonly Entry[]): LogSummary {
  return { hardState, entries: log.map(({ index, term, payload }) => [index, term, payload[0]]) };
}

/** Reads all of a group's log. */
export async function readLog(store: LogStore, group: GroupId): Promise<LogSummary> {
  const { hardState, log } = await store.recover(group);
  if (log.lastIndex === log.snapshotIndex) return summaryOf(hardState, []);
  return summaryOf(hardState, store.read(group, log.snapshotIndex + 1, log.lastIndex, Number.MAX_SAFE_INTEGER));
}
