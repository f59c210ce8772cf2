import type { SimHost } from '../cluster/sim-host.ts';
import type { DiskProfile } from '../disk/disk-profile.ts';
import type { FaultTable, Victims } from './nemesis.ts';

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

/** How long damage lies around before the machine is restarted, in milliseconds: its data is verified then. */
const latentMs = { min: 200, max: 3000 };

/** Disks are slow, full, broken, or lie. What destroys data happens only where the others can do without it. */
export const diskFaults: FaultTable<DiskFaultKind> = {
  'disk-slow': ({ cluster, count }, { kind, slot, factor }) => {
    count(kind);
    const { profile } = cluster.host(slot).disk;
    return changed(profile, { writeMs: profile.writeMs * factor, syncMs: profile.syncMs * factor });
  },

  'disk-stall': ({ world, cluster, count }, { kind, slot, forMs }) => {
    count(kind);
    const { profile } = cluster.host(slot).disk;
    profile.stalledUntil = Math.max(profile.stalledUntil, world.now + forMs);
    return () => {
      profile.stalledUntil = Math.min(profile.stalledUntil, world.now);
    };
  },

  'disk-full': ({ cluster, count, random }, { kind, slot }) => {
    count(kind);
    return changed(cluster.host(slot).disk.profile, { freeBytes: random.integer(0, 20_000) });
  },

  'write-error': (victims, { kind, slot }) => nextWriteFails(victims, slot, kind, 'writeErrorChance', 'write-error'),

  'sync-error': (victims, { kind, slot }) => nextWriteFails(victims, slot, kind, 'syncErrorChance', 'sync-error'),

  'bit-rot': (victims, { kind, slot }) => {
    const host = victims.cluster.host(slot);
    const { random } = victims;
    if (!victims.operator.maySpare(host)) return null;
    if (host.disk.rot(random, random.integer(1, 8)) === 0) return null;
    victims.count(kind);
    verifyLater(victims, host);
    return null;
  },

  'misdirected-write': (victims, { kind, slot }) => lyingWrite(victims, slot, kind, 'misdirectedWriteChance', 'misdirected-write'),

  'torn-write': (victims, { kind, slot }) => lyingWrite(victims, slot, kind, 'tornWriteChance', 'torn-write'),

  'roll-back': (victims, { kind, slot }) => {
    const { cluster, operator, random, world } = victims;
    const host = cluster.host(slot);
    if (!operator.maySpare(host)) return null;
    const release = operator.suspect(host);
    const { disk } = host;
    const copy = disk.copy();
    world.after(random.between(latentMs.min, latentMs.max), () => {
      if (host.disk === disk) {
        victims.count(kind);
        host.kill();
        disk.rollBack(copy);
        host.start();
      }
      release();
    });
    return null;
  },

  wipe: (victims, { kind, slot }) => {
    const { cluster, operator, random, world } = victims;
    const host = cluster.host(slot);
    if (!operator.maySpare(host)) return null;
    victims.count(kind);
    const release = operator.suspect(host);
    host.wipe({ keepIdentity: random.chance(0.5) });
    host.start();
    // Where not even the identity is left, the host takes itself for a new one, and the others must keep it out.
    world.after(random.between(latentMs.min, latentMs.max), () => {
      release();
      operator.replaceSoon(host);
    });
    return null;
  },
};

/** How disks are when nothing is wrong with them. */
const healthy = new WeakMap<DiskProfile, DiskProfile>();

/** Faults of one disk may overlap, in any order: whichever ends, ends what it is about. */
function changed(profile: DiskProfile, changes: Partial<DiskProfile>): () => void {
  const before = healthy.get(profile) ?? { ...profile };
  healthy.set(profile, before);
  Object.assign(profile, changes);
  return () => {
    for (const name of Object.keys(changes) as (keyof DiskProfile)[]) Object.assign(profile, { [name]: before[name] });
  };
}

type Chance = 'writeErrorChance' | 'syncErrorChance' | 'tornWriteChance' | 'misdirectedWriteChance';
type Counted = 'write-error' | 'sync-error' | 'torn-write' | 'misdirected-write';

/** How often it is looked whether a write has met its fate, and how long that is waited for, in milliseconds. */
const lookEveryMs = 5;
const patienceMs = 2000;

/** Makes one of the next writes go wrong; then everything is as before. */
function once({ world }: Victims, host: SimHost, chance: Chance, counted: Counted, then: (happened: boolean) => void): void {
  const { disk } = host;
  const before = disk.counts[counted];
  const until = world.now + patienceMs;
  disk.profile[chance] = 1;
  const look = () => {
    const happened = disk.counts[counted] > before;
    if (!happened && world.now < until && host.disk === disk) return void world.after(lookEveryMs, look);
    disk.profile[chance] = 0;
    then(happened);
  };
  world.after(lookEveryMs, look);
}

function nextWriteFails(victims: Victims, slot: number, kind: 'write-error' | 'sync-error', chance: Chance, counted: Counted): null {
  once(victims, victims.cluster.host(slot), chance, counted, (happened) => happened && victims.count(kind));
  return null;
}

function lyingWrite(victims: Victims, slot: number, kind: 'misdirected-write' | 'torn-write', chance: Chance, counted: Counted): null {
  const { cluster, operator } = victims;
  const host = cluster.host(slot);
  if (!operator.maySpare(host)) return null;
  const release = operator.suspect(host);
  once(victims, host, chance, counted, (happened) => {
    if (happened) {
      victims.count(kind);
      verifyLater(victims, host);
    }
    release();
  });
  return null;
}

/** The machine is restarted some time later: what is damaged is found out then, if it was not before. */
function verifyLater({ world, random, operator }: Victims, host: SimHost): void {
  const release = operator.suspect(host);
  const { disk } = host;
  world.after(random.between(latentMs.min, latentMs.max), () => {
    if (host.disk === disk) {
      host.kill();
      host.start();
    }
    release();
  });
}
