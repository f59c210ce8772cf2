import { type Client, isClientError } from '@flotilla/client';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import type { SimCall } from '../../src/workload/workload.ts';
import type { Lab } from './lab.ts';

/** What became of a piece that was appended: it is there, or nobody was told whether. */
export type Appended = 'ok' | 'unknown';

/** The pause before a call is made anew, in milliseconds. */
const retryMs = 50;

/**
 * A clerk of the course's service, on the production client.
 *
 * The course's clerk asks again and again until its call has succeeded, and the service leaves out what it was asked twice. Ours
 * has no sessions, and does what is sound without: it reads again; it puts again, as a new write, which may be carried out after
 * the first one or instead of it; and an append whose outcome nobody knows it leaves alone. Such a piece must be there once or
 * not at all, and one that was acknowledged exactly once.
 */
export class Clerk {
  readonly #lab: Lab;
  readonly #number: number;
  readonly #client: Client<AnyMachineDefinition>;

  constructor(lab: Lab) {
    const { number, client } = lab.newClient();
    this.#lab = lab;
    this.#number = number;
    this.#client = client;
  }

  /** It does not reach these servers until the returned function is called. */
  cutOff(servers: readonly number[]): () => void {
    return this.#lab.cutOff(this.#number, servers);
  }

  /** An empty text where nothing is there, as in the course. */
  async get(key: string): Promise<string> {
    for (;;) {
      const consistency = this.#lab.random.pick(['linearizable', 'lease'] as const);
      const call: SimCall = { kind: 'query', name: 'get', input: { key }, consistency, history: { f: 'get', key, value: null } };
      const { outcome, result } = await this.#make(call, this.#lab.nextSerial());
      if (outcome === 'answered') return (result as string | null) ?? '';
      await this.#lab.sleep(retryMs);
    }
  }

  async put(key: string, value: string): Promise<void> {
    while ((await this.#write('put', key, value)) !== 'ok') await this.#lab.sleep(retryMs);
  }

  async append(key: string, piece: string): Promise<Appended> {
    for (;;) {
      const appended = await this.#write('append', key, piece);
      if (appended !== 'not-applied') return appended;
      await this.#lab.sleep(retryMs);
    }
  }

  async #write(f: 'put' | 'append', key: string, value: string): Promise<Appended | 'not-applied'> {
    const serial = this.#lab.nextSerial();
    const { outcome } = await this.#make({ kind: 'command', name: f, input: { key, value, serial }, history: { f, key, value } }, serial);
    if (outcome === 'not-applied' || outcome === 'unknown') return outcome;
    return 'ok';
  }

  async #make(call: SimCall, serial: number) {
    const { records } = this.#lab.stage;
    const record = records.begin(this.#number, serial, call);
    try {
      if (call.kind === 'command') records.applied(record, await this.#client.$execute(call.name, call.input));
      else records.answered(record, await this.#client.$query(call.name, call.input, { consistency: call.consistency }));
    } catch (error) {
      if (!isClientError(error)) throw error;
      records.failed(record, error);
    }
    return record;
  }
}
