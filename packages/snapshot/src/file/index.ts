export { type Backup, type BackupManifest, type OnProgress, openBackup, verifyBackup, writeBackup } from './backup-file.ts';
export { FileSnapshotStore, type FileSnapshotStoreOptions } from './file-snapshot-store.ts';
export { type SnapshotProblem, verifySnapshots } from './verify-snapshots.ts';
