import { kv } from '@flotilla/kv';
import type { SimCall, Subject, Workload } from '@flotilla/simulator';
import { kvModel } from './kv-model.ts';

const keys = Array.from({ length: 12 }, (_, n) => `key/${n}`);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Of so many calls, the first puts a key that nobody else does, and the one so much later deletes it. */
const [roundOfCalls, deletedAfter] = [10, 3];

/**
 * Puts of few keys, some only where there is none, and reads of one key or of all; and keys that are put once and deleted once, so
 * that a deletion, too, tells which call it is.
 */
export const kvWorkload: Workload = ({ serial, random }): SimCall => {
  if (serial % roundOfCalls === 0) return put(onceKey(serial), serial);
  if (serial % roundOfCalls === deletedAfter) {
    const key = onceKey(serial - deletedAfter);
    return { kind: 'command', name: 'delete', input: { key }, history: { f: 'delete', key, value: null } };
  }
  const key = random.pick(keys);
  const kind = random.next();
  if (kind < 0.25) return put(key, serial);
  if (kind < 0.4) return put(key, serial, { expectedRevision: 0 }, 'put-new');
  const consistency = random.pick(['linearizable', 'lease', 'lease', 'stale'] as const);
  if (kind < 0.45) return { kind: 'query', name: 'list', input: { prefix: 'key/' }, consistency };
  const read = { kind: 'query', name: 'get', input: { key }, consistency } as const;
  return consistency === 'stale' ? read : { ...read, history: { f: 'get', key, value: null } };
};

/** The bundled key-value store, as campaigns run it. */
export const kvSubject: Subject = {
  machine: kv,
  workload: kvWorkload,
  model: kvModel,
  serialOf: ({ input }) => {
    const { key, value } = input as { readonly key: string; readonly value?: Uint8Array };
    return value === undefined ? Number(key.slice(onceKey('').length)) + deletedAfter : Number(decoder.decode(value));
  },
};

/** Each put stores another value, so that a read tells which it saw. */
function put(key: string, serial: number, condition: { readonly expectedRevision?: number } = {}, f = 'put'): SimCall {
  const value = String(serial);
  return { kind: 'command', name: 'put', input: { key, value: encoder.encode(value), ...condition }, history: { f, key, value } };
}

function onceKey(serial: number | string): string {
  return `once/${serial}`;
}
