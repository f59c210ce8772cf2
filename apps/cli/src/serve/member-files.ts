/** Where the snapshots of a member are, in its data directory. */
export const snapshotDirectory = 'snapshots';

/** Where its archive is, where it has one. */
export const archiveDirectory = 'archive';
