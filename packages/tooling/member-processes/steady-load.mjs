import { setTimeout as delay } from 'node:timers/promises';
import { put } from './kv-calls.mjs';

const keys = 10_000;
/** Writes that are due while so many wait for their answers are not sent, and count as failed. */
const underWayMax = 5_000;

/**
 * Small writes at a fixed rate, taking turns among members, whether answers come or not. A latency is measured from when the write was
 * due, so that whoever keeps the load waiting is not spared what would have come meanwhile.
 */
export class SteadyLoad {
  #ports;
  #rate;
  #valueBytes;
  #sent = 0;
  #underWay = 0;
  #stopped = false;
  #running = null;
  #phase = { latencies: [], failed: 0 };

  constructor(ports, rate, valueBytes = 100) {
    this.#ports = ports;
    this.#rate = rate;
    this.#valueBytes = valueBytes;
  }

  start() {
    this.#running = this.#run();
  }

  /** From now on, writes that become due count for a phase of their own. */
  begin() {
    this.#phase = { latencies: [], failed: 0 };
    return this.#phase;
  }

  /** Resolves when nothing is under way any more. */
  async stop() {
    this.#stopped = true;
    await this.#running;
    while (this.#underWay > 0) await delay(5);
  }

  async #run() {
    const begin = performance.now();
    while (!this.#stopped) {
      const due = Math.floor(((performance.now() - begin) * this.#rate) / 1000);
      while (this.#sent < due) this.#send(begin + (++this.#sent * 1000) / this.#rate);
      await delay(1);
    }
  }

  #send(dueAt) {
    const phase = this.#phase;
    if (this.#underWay >= underWayMax) {
      phase.failed++;
      return;
    }
    this.#underWay++;
    const port = this.#ports[this.#sent % this.#ports.length];
    void put(port, `steady/${this.#sent % keys}`, Buffer.alloc(this.#valueBytes, this.#sent % 251)).then((status) => {
      this.#underWay--;
      if (status === 200) phase.latencies.push(performance.now() - dueAt);
      else phase.failed++;
    });
  }
}

/** What the writes of a phase took, in milliseconds. */
export function latenciesOf({ latencies, failed }) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { writes: sorted.length, failed, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function latencyText({ writes, failed, p50, p99, max }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  return `p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)} (${writes} writes${failed > 0 ? `, ${failed} FAILED` : ''})`;
}
