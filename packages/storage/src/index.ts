export type { LogStore, LogWrite, RecoveredLog } from './log-store.ts';
export type { JournalRecord, JournalRetention, StateCommit, StateStore } from './state-store.ts';
export { isStorageError, StorageError, type StorageErrorCode } from './storage-error.ts';
