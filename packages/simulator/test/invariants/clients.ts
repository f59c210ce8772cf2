import type { MemberId } from '@flotilla/core';
import { isRuntimeError } from '@flotilla/runtime';
import type { Oracle } from '../../src/oracle/oracle.ts';
import { serialOf } from '../../src/oracle/serial.ts';
import type { WatchedCluster } from './watched-cluster.ts';

/** Processes that write and read one call after the other, on whichever member, and tell the oracle. */
export class Clients {
  readonly #cluster: WatchedCluster;
  readonly #oracle: Oracle;
  readonly #random;
  #processes = 0;
  #stopped = false;
  /** How many calls succeeded. */
  readonly done = { writes: 0, reads: 0 };

  constructor(cluster: WatchedCluster, oracle: Oracle) {
    this.#cluster = cluster;
    this.#oracle = oracle;
    this.#random = cluster.random.fork('clients');
  }

  start(count: number, pauseMs: number): void {
    for (let i = 0; i < count; i++) void this.#live(this.#processes++, pauseMs);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #live(process: number, pauseMs: number): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      await this.#cluster.world.pass(this.#random.exponential(pauseMs));
      const { running } = this.#cluster;
      if (running.length === 0) continue;
      const certain = await this.#call(process, number, this.#random.pick(running));
      // A process that does not know what it did is over; another one takes its place.
      if (!certain) return void this.#live(this.#processes++, pauseMs);
    }
  }

  async #call(process: number, number: number, member: MemberId): Promise<boolean> {
    const kind = this.#random.chance(0.5) ? 'write' : 'read';
    const consistency = this.#random.chance(0.3) ? 'lease' : 'linearizable';
    const call = { serial: serialOf(process, number), kind, consistency } as const;
    const group = this.#cluster.group(member);
    const process_ = this.#cluster.slot(member).process;
    if (group === null) return true;
    this.#oracle.invoked(call);
    try {
      const input = { key: this.#random.integer(1, 10), serial: call.serial };
      const result =
        kind === 'write'
          ? group.execute({ type: 'put', input }, { timeoutMs: 2000 })
          : group.query('count', undefined, { consistency, timeoutMs: 2000 });
      // A member that crashes answers nobody.
      const silent = this.#cluster.world.pass(3000).then(() => null);
      const answered = await Promise.race([result, silent]);
      if (answered === null) {
        this.#oracle.answered(call, { kind: 'unknown' });
        return false;
      }
      this.done[kind === 'write' ? 'writes' : 'reads']++;
      this.#oracle.answered(call, { kind: 'ok', index: answered.index });
      return true;
    } catch (error) {
      if (!isRuntimeError(error)) throw error;
      const unknown = error.outcome === 'unknown' || process_?.alive === false;
      this.#oracle.answered(call, { kind: unknown ? 'unknown' : 'fail' });
      return !unknown;
    }
  }
}
