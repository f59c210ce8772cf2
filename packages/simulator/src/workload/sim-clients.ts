import { type Client, isClientError, isCommandRejected } from '@flotilla/client';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import { guarded } from '@flotilla/state-machine/determinism';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import type { WorkloadPlan } from '../plan/plan.ts';
import { nondeterminism } from '../watch/violation.ts';
import { type CallRecord, type CallRecords, misuse } from './call-records.ts';
import type { SimCall, Workload } from './workload.ts';

export interface SimClientsParts {
  readonly world: World;
  readonly clients: readonly Client<AnyMachineDefinition>[];
  readonly plan: WorkloadPlan;
  readonly workload: Workload;
  readonly random: SeededRandom;
  readonly records: CallRecords;
}

/** How many bursts of a client may be under way: with more, it leaves calls out, as somebody does who waits for answers. */
const burstsMax = 2;

/** Clients that call again and again, each several calls at a time. */
export class SimClients {
  readonly #parts: SimClientsParts;
  readonly #without: ReadonlySet<number>;
  #next = 0;
  #underWay = 0;
  #stopped = false;

  constructor(parts: SimClientsParts) {
    this.#parts = parts;
    this.#without = new Set(parts.plan.without);
    for (let client = 0; client < parts.clients.length; client++) this.#arrive(client, parts.random.fork(`client ${client}`), { busy: 0 });
  }

  /** Calls that nobody has answered yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** The highest number that a call has had. */
  get lastCall(): number {
    return this.#next - 1;
  }

  /** Begins no more calls. */
  stop(): void {
    this.#stopped = true;
  }

  /** Arrivals do not depend on answers, so that leaving one call out changes no other. */
  #arrive(client: number, random: SeededRandom, load: { busy: number }): void {
    const { world, plan } = this.#parts;
    world.after(random.exponential((1000 * plan.burst * plan.clients) / plan.ratePerSecond), () => {
      if (this.#stopped) return;
      for (let i = 0; i < plan.burst; i++) this.#begin(client, load);
      this.#arrive(client, random, load);
    });
  }

  #begin(client: number, load: { busy: number }): void {
    const { world, plan, workload, random, records } = this.#parts;
    const serial = this.#next++;
    const isLeftOut = this.#without.has(serial) || (plan.until !== null && serial >= plan.until);
    if (isLeftOut || load.busy >= burstsMax * plan.burst) return;
    const call = guarded(
      'of the workload',
      () => workload({ client, serial, random: random.fork(`call ${serial}`) }),
      (error) => world.fail(nondeterminism(error)),
    );
    const record = records.begin(client, serial, call);
    load.busy++;
    this.#underWay++;
    void this.#make(client, call, record).finally(() => {
      load.busy--;
      this.#underWay--;
    });
  }

  async #make(client: number, call: SimCall, record: CallRecord): Promise<void> {
    const { clients, plan, records } = this.#parts;
    const to = clients[client] as Client<AnyMachineDefinition>;
    try {
      if (call.kind === 'command') {
        const { index, term, reply } = await to.$execute(call.name, call.input, { timeoutMs: plan.timeoutMs });
        records.applied(record, { index, term, reply });
      } else {
        const { index, result } = await to.$query(call.name, call.input, { timeoutMs: plan.timeoutMs, consistency: call.consistency });
        records.answered(record, { index, result });
      }
    } catch (error) {
      if (isCommandRejected(error)) records.refused(record, error);
      else if (isClientError(error)) records.failed(record, error);
      else this.#parts.world.fail(misuse(record, error instanceof Error ? error : new Error(String(error))));
    }
  }
}
