export type { Archive, ArchivedKind, EventSpan } from './archive.ts';
export { assertServes, emptyExtent, exceeds, firstAtOrBehind, type JournalExtent, newRecords, takeRecords } from './journal-window.ts';
export { LayeredSpace, SpaceLayer } from './layered-space.ts';
export { type PlannedWrite, planWrites } from './log-continuity.ts';
export { assertInLog, type LogExtent, readRange } from './log-range.ts';
export type { LogDamage, LogStore, LogWrite, RecoveredLog } from './log-store.ts';
export type { JournalRecord, JournalRetention, StateCommit, StateStore, StateView } from './state-store.ts';
export { isStorageError, StorageError, type StorageErrorCode, viewClosed } from './storage-error.ts';
export { ampleRoom, type RoomWatch, type StorageRoom } from './storage-room.ts';
