/** Everything bad that happens to a disk. */
export const diskFaults = [
  /** A sync was an outlier. */
  'slow',
  /** Something that was done had to wait for the end of a stall. */
  'stall',
  'write-error',
  'sync-error',
  'full',
  'power-cut',
  /** A power cut left some sectors of a transaction, and took others. */
  'torn-transaction',
  /** A power cut or a kill let derived state reopen at an older applied index than it had. */
  'state-rewound',
  /** A record of which a sector was damaged where it lies. */
  'rot',
  /** A record of a transaction that was reported as done without being on disk as a whole. */
  'torn-write',
  'misdirected-write',
  'rollback',
  'wipe',
  /** A damaged record was found out, or a store that is older than it was. */
  'noticed',
  /** A log goes on without what it has lost, and its member has to recover. */
  'healed',
] as const;

export type DiskFault = (typeof diskFaults)[number];

/** How often each fault happened and had something to happen to. */
export type DiskCounts = Record<DiskFault, number>;

export function noCounts(): DiskCounts {
  return Object.fromEntries(diskFaults.map((fault) => [fault, 0])) as DiskCounts;
}
