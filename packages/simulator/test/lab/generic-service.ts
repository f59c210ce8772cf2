import { expect } from 'vitest';
import { Appends } from './appends.ts';
import { Clerk } from './clerk.ts';
import { electionMs, type Lab } from './lab.ts';

/** What the course's `GenericTest` is told. */
export interface ServiceTrouble {
  readonly clients: number;
  readonly unreliable?: boolean;
  /** The servers crash and restart, all at once, after each round. */
  readonly crash?: boolean;
  /** The servers are cut into two sides, again and again, anew each time. */
  readonly partitions?: boolean;
  /** All clients work on the same few keys, and put instead of appending. */
  readonly randomKeys?: boolean;
  /** No log may be longer on disk, in bytes of commands. */
  readonly logBytesMax?: number;
}

const rounds = 2;

/** How long clients work in a round: with partitions long enough for some of them, in milliseconds. */
const calmRoundMs = 600;
const partitionedRoundMs = 2000;

/** How long all clients together pause between two calls on average, in milliseconds: it bounds what a test costs. */
const pauseMs = 8;

/** Clients append to keys of their own and see what they appended, through all trouble; and nothing is lost or doubled. */
export async function genericService(lab: Lab, trouble: ServiceTrouble): Promise<void> {
  const { clients, partitions = false, crash = false, unreliable = false, randomKeys = false, logBytesMax } = trouble;
  lab.setUnreliable(unreliable);
  const clerk = new Clerk(lab);
  const workers = Array.from({ length: clients }, (_, i) => new Worker(lab, i, clients, randomKeys));
  for (let round = 0; round < rounds; round++) {
    let stopped = false;
    const working = Promise.all(workers.map((worker) => worker.work(() => stopped)));
    const partitioning = partitions ? partition(lab, () => stopped) : Promise.resolve();
    await lab.sleep(partitions ? partitionedRoundMs : calmRoundMs);
    stopped = true;
    await partitioning;
    await working;
    if (crash) {
      lab.crash(...lab.all);
      await lab.sleep(electionMs);
      await lab.start(...lab.all);
    }
    for (const worker of workers) await worker.check(clerk);
    if (logBytesMax !== undefined) for (const server of lab.all) expect(lab.logBytes(server)).toBeLessThanOrEqual(logBytesMax);
  }
  lab.setUnreliable(false);
}

class Worker {
  readonly #lab: Lab;
  readonly #clerk: Clerk;
  readonly #appends: Appends;
  readonly #key: string;
  readonly #keys: readonly string[];
  readonly #pauseMs: number;

  constructor(lab: Lab, number: number, clients: number, randomKeys: boolean) {
    this.#lab = lab;
    this.#clerk = new Clerk(lab);
    this.#key = `client ${number}`;
    this.#appends = new Appends(this.#clerk, `${number}`, this.#key);
    this.#keys = randomKeys ? Array.from({ length: clients }, (_, i) => `shared ${i}`) : [];
    this.#pauseMs = pauseMs * clients;
  }

  async work(stopped: () => boolean): Promise<void> {
    const { random } = this.#lab;
    while (!stopped()) {
      const isShared = this.#keys.length > 0;
      const key = isShared ? random.pick(this.#keys) : this.#key;
      if (random.chance(0.5)) await (isShared ? this.#clerk.put(key, `${this.#key} at ${this.#lab.world.now}`) : this.#appends.append());
      else if (isShared) await this.#clerk.get(key);
      else await this.check(this.#clerk);
      await this.#lab.sleep(random.exponential(this.#pauseMs));
    }
  }

  /** Nothing is wrong with its own key, whoever reads it. */
  async check(clerk: Clerk): Promise<void> {
    this.#appends.check(await clerk.get(this.#key));
  }
}

/** Draws the sides anew again and again, and leaves all servers on one. */
async function partition(lab: Lab, stopped: () => boolean): Promise<void> {
  const { random } = lab;
  while (!stopped()) {
    const [one, other]: [number[], number[]] = [[], []];
    for (const server of lab.all) (random.chance(0.5) ? one : other).push(server);
    const heal = lab.partition(one, other);
    await lab.sleep(electionMs * 0.6 + random.between(0, 200));
    heal();
  }
}
