import type { SimHost } from '../cluster/sim-host.ts';
import { reserveBytes } from '../disk/disk-device.ts';
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
    const slowDown = (by: number) => Object.assign(profile, { writeMs: profile.writeMs * by, syncMs: profile.syncMs * by });
    slowDown(factor);
    return () => void slowDown(1 / factor);
  },

  'disk-stall': ({ world, cluster, count }, { kind, slot, forMs }) => {
    count(kind);
    const { profile } = cluster.host(slot).disk;
    const until = world.now + forMs;
    profile.stalledUntil = Math.max(profile.stalledUntil, until);
    return () => {
      // Another stall may last longer.
      if (profile.stalledUntil <= until) profile.stalledUntil = Math.min(until, world.now);
    };
  },

  'disk-full': ({ world, cluster, count, random }, { kind, slot }) => {
    const { disk } = cluster.host(slot);
    // Whoever filled it first gives all of its room back.
    if (disk.profile.freeBytes !== Number.POSITIVE_INFINITY) return null;
    count(kind);
    // Mostly somebody fills it slowly enough for the reserve to be noticed; sometimes nothing is left at once.
    const reserve = random.fork(`reserve ${slot} at ${world.now}`).pick([0, reserveBytes / 2, reserveBytes]);
    disk.setRoom(random.integer(0, 20_000) + reserve);
    return () => disk.setRoom(Number.POSITIVE_INFINITY);
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
    const { member } = host;
    host.wipe({ keepIdentity: random.chance(0.5) });
    host.start();
    // Where not even the identity is left, the host takes itself for a new one, and the others must keep it out.
    world.after(random.between(latentMs.min, latentMs.max), () => {
      release();
      if (host.member === member) operator.replace(host);
    });
    return null;
  },
};

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
