import type { FaultTable } from './nemesis.ts';

type DiskFaultKind =
  | 'disk-slow'
  | 'disk-stall'
  | 'disk-full'
  | 'write-error'
  | 'sync-error'
  | 'bit-rot'
  | 'misdirected-write'
  | 'torn-write'
  | 'roll-back'
  | 'wipe';

/** Disks are slow, full, broken, or lie. What destroys data happens only where the others can do without it. */
export const diskFaults: FaultTable<DiskFaultKind> = {
  'disk-slow': ({ cluster, count }, { kind, slot, factor }) => {
    count(kind);
    const { profile } = cluster.host(slot).disk;
    const { writeMs, syncMs } = profile;
    Object.assign(profile, { writeMs: writeMs * factor, syncMs: syncMs * factor });
    return () => void Object.assign(profile, { writeMs, syncMs });
  },

  'disk-stall': ({ world, cluster, count }, { kind, slot, forMs }) => {
    count(kind);
    const { profile } = cluster.host(slot).disk;
    profile.stalledUntil = Math.max(profile.stalledUntil, world.now + forMs);
    return null;
  },

  'disk-full': () => null,
  'write-error': () => null,
  'sync-error': () => null,
  'bit-rot': () => null,
  'misdirected-write': () => null,
  'torn-write': () => null,
  'roll-back': () => null,
  wipe: () => null,
} as never;
