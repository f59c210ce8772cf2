import { setTimeout as delay } from 'node:timers/promises';
import { type Client, connect, isClientError, isCommandRejected } from '@flotilla/client';
import { type Entry, kv } from '@flotilla/kv';
import { HistoryRecorder, type SeededRandom } from '@flotilla/simulator';
import { type Acknowledged, type Effect, onceKey, textOf } from './acknowledged.ts';

/** A call and what it is to answer, in the words of the history. */
interface Call {
  readonly f: 'put' | 'compare-and-set' | 'delete' | 'get';
  readonly key: string;
  readonly input: unknown;
  /** Throws a `ClientError`. */
  readonly run: (client: Client<typeof kv>) => Promise<Answer>;
}

interface Answer {
  readonly output: unknown;
  readonly index: number;
  readonly isCommand: boolean;
  readonly effect: Effect | null;
}

/** What a client saw last under a key; null for nothing. */
type Seen = Pick<Entry, 'revision'> & { readonly value: string };

/** How long a call may take, in milliseconds: longer than an election, so that most outlive the loss of a leader. */
const timeoutMs = 2500;

/** How long a client thinks between two calls, at most, in milliseconds. */
const thinkMsMax = 12;

/** How many keys are shared at a time. */
const sharedKeys = 6;

/**
 * Clients that never rest: they put, change under a condition, delete and read a few shared keys, and put keys of their own once. All
 * values are different. What they saw is a history, and each answer is kept with its place in the log.
 */
export class CrashClients {
  readonly history = new HistoryRecorder();
  readonly acknowledged: Acknowledged[] = [];
  readonly #endpoints: readonly string[];
  readonly #random: SeededRandom;
  readonly #running: Promise<void>[] = [];
  #processes = 0;
  #serial = 0;
  /** The youngest of the shared keys. */
  #youngest = sharedKeys;
  #stopped = false;

  constructor(endpoints: readonly string[], random: SeededRandom) {
    this.#endpoints = endpoints;
    this.#random = random;
  }

  start(count: number): void {
    for (let i = 0; i < count; i++) this.#running.push(this.#live(this.#random.fork(`client ${i}`)));
  }

  /** The oldest of the shared keys gives way to a new one: no key's history grows without end. */
  nextKey(): void {
    this.#youngest++;
  }

  /** Resolves when the last call has ended. Throws what no client may meet. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** A last put, whose place in the log is behind everything. */
  async putLast(): Promise<number> {
    const client = connect(kv, this.#endpoints);
    try {
      return (await this.#record(client, this.#processes++, put('last', `last-${this.#serial++}`))) ?? 0;
    } finally {
      client.$close();
    }
  }

  /** Reads every key that was ever shared, linearizably, so that the history says how it ended. */
  async readAll(): Promise<void> {
    const client = connect(kv, this.#endpoints);
    const process = this.#processes++;
    try {
      for (let n = 1; n <= this.#youngest; n++)
        await this.#record(
          client,
          process,
          get(sharedKey(n), () => {}),
        );
    } finally {
      client.$close();
    }
  }

  async #live(random: SeededRandom): Promise<void> {
    const client = connect(kv, random.shuffle(this.#endpoints), { timeoutMs, random: () => random.next() });
    const seen = new Map<string, Seen | null>();
    const own: string[] = [];
    let process = this.#processes++;
    try {
      while (!this.#stopped) {
        const index = await this.#record(client, process, this.#drawCall(random, seen, own));
        // Its call may still be under way: the client goes on as somebody else.
        if (index === null) process = this.#processes++;
        await delay(random.between(0, thinkMsMax));
      }
    } finally {
      client.$close();
    }
  }

  #drawCall(random: SeededRandom, seen: Map<string, Seen | null>, own: string[]): Call {
    const kind = random.next();
    const serial = this.#serial++;
    if (kind < 0.3) {
      const key = onceKey(String(serial));
      own.push(key);
      return put(key, String(serial));
    }
    if (kind < 0.36 && own.length > 0) return remove(own.splice(random.integer(0, own.length - 1), 1)[0] as string);
    const key = sharedKey(random.integer(this.#youngest - sharedKeys + 1, this.#youngest));
    if (kind < 0.52) return put(key, String(serial), (entry) => seen.set(key, entry));
    if (kind < 0.72) return compareAndSet(key, seen.get(key) ?? null, String(serial), (entry) => seen.set(key, entry));
    if (kind < 0.78) return remove(key, () => seen.set(key, null));
    return get(key, (entry) => seen.set(key, entry));
  }

  /** Makes a call; returns the place that its answer has in the log, null where nobody knows what came of it. */
  async #record(client: Client<typeof kv>, process: number, { f, key, input, run }: Call): Promise<number | null> {
    const operation = this.history.invoke({ process, f, key, value: input, node: null }, performance.now());
    try {
      const { output, index, isCommand, effect } = await run(client);
      this.history.complete(process, 'ok', output, performance.now());
      this.acknowledged.push({ operation, index, isCommand, effect });
      return index;
    } catch (error) {
      if (!isClientError(error)) throw error;
      const certain = error.outcome === 'not-applied' || f === 'get';
      this.history.complete(process, certain ? 'fail' : 'info', error.code, performance.now());
      return certain ? 0 : null;
    }
  }
}

function sharedKey(n: number): string {
  return `shared/${n}`;
}

function put(key: string, value: string, onPut: (entry: Seen) => void = () => {}): Call {
  return {
    f: 'put',
    key,
    input: value,
    async run(client) {
      const { index } = await client.$execute('put', { key, value: Buffer.from(value) });
      onPut({ revision: index, value });
      return { output: null, index, isCommand: true, effect: { kind: 'put', key, value } };
    },
  };
}

/** A value is put once, so that the revision stands for it. */
function compareAndSet(key: string, expected: Seen | null, value: string, onPut: (entry: Seen) => void): Call {
  const expectedRevision = expected?.revision ?? 0;
  return {
    f: 'compare-and-set',
    key,
    input: { expected: expected?.value ?? null, value },
    async run(client) {
      try {
        const { index } = await client.$execute('put', { key, value: Buffer.from(value), expectedRevision });
        onPut({ revision: index, value });
        return { output: true, index, isCommand: true, effect: { kind: 'put', key, value } };
      } catch (error) {
        if (!isCommandRejected(error, 'revision_mismatch') || error.index === null) throw error;
        return { output: false, index: error.index, isCommand: true, effect: null };
      }
    },
  };
}

function remove(key: string, onDelete: () => void = () => {}): Call {
  return {
    f: 'delete',
    key,
    input: null,
    async run(client) {
      const { index, reply } = await client.$execute('delete', { key });
      onDelete();
      return { output: reply.deleted, index, isCommand: true, effect: reply.deleted ? { kind: 'deleted', key } : null };
    },
  };
}

function get(key: string, onSeen: (entry: Seen | null) => void): Call {
  return {
    f: 'get',
    key,
    input: null,
    async run(client) {
      const { index, result } = await client.$query('get', { key }, { consistency: 'linearizable' });
      const entry = result === null ? null : { revision: result.revision, value: textOf(result) };
      onSeen(entry);
      return { output: entry?.value ?? null, index, isCommand: false, effect: null };
    },
  };
}
