export { type CompactedFile, type CompactOptions, compactDataDirectory } from './compact-data-directory.ts';
export type { DirectoryRoomOptions, RoomThresholds } from './directory-room.ts';
export { type ForcedGroup, type ForcedMembership, type ForceMembershipOptions, forceMembership } from './force-membership.ts';
export { clusterIdOf, type Identity, readIdentity, type StoredIdentity } from './identity.ts';
export type { LmdbStateStore } from './lmdb-state-store.ts';
export type { OnScanProgress, ScanProgress } from './log-reader.ts';
export { type LmdbStorage, type LmdbStorageOptions, openLmdbStorage } from './open-storage.ts';
export { type LmdbStorageReader, openLmdbStorageReadOnly } from './read-only.ts';
export type { ScrubOptions } from './scrubber.ts';
export {
  type VerifyOptions,
  type VerifyProblem,
  type VerifyProgress,
  type VerifyReport,
  verifyDataDirectory,
} from './verify/verify-data-directory.ts';
