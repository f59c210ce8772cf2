/** Where the snapshots of a member are, in its data directory. */
export const snapshotDirectory = 'snapshots';
