import { type DiskProfile, diskProfile } from '../../src/disk/disk-profile.ts';
import { type OpenDisk, type OpenDiskOptions, SimDisk } from '../../src/disk/sim-disk.ts';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import type { World } from '../../src/engine/world.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';

/** A disk, and the processes that have it one after the other. */
export class Machine {
  readonly disk: SimDisk;
  readonly #world: World;
  readonly #random: SeededRandom;
  process: SimProcess;

  constructor(world: World, seed = 1, profile: Partial<DiskProfile> = {}) {
    this.#world = world;
    this.#random = new SeededRandom(seed);
    this.disk = new SimDisk({ world, random: this.#random.fork('disk'), profile: diskProfile(profile) });
    this.process = this.#newProcess();
    this.process.kill();
  }

  /** Starts a process, in the place of the one before. */
  start(options: OpenDiskOptions = {}): OpenDisk {
    this.process.kill();
    this.process = this.#newProcess();
    return this.disk.open(this.process, options);
  }

  powerCut(): void {
    this.process.kill();
    this.disk.powerCut();
  }

  #newProcess(): SimProcess {
    return new SimProcess({ world: this.#world, clock: new HostClock(this.#world), random: this.#random.fork('process'), turnMs: 0 });
  }
}
