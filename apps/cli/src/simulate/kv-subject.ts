import { kv } from '@flotilla/kv';
import type { SimCall, Subject, Workload } from '@flotilla/simulator';
import { kvModel } from './kv-model.ts';

const keys = Array.from({ length: 12 }, (_, n) => `key/${n}`);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Puts and deletions of few keys, some only where there is none, and reads of one key or of all. */
export const kvWorkload: Workload = ({ serial, random }): SimCall => {
  const key = random.pick(keys);
  const kind = random.next();
  if (kind < 0.3) return write('put', { key, value: bytesOf(serial) }, key, String(serial));
  if (kind < 0.45) return write('put', { key, value: bytesOf(serial), expectedRevision: 0 }, key, String(serial), 'put-new');
  if (kind < 0.5) return write('delete', { key }, key, null);
  const consistency = random.pick(['linearizable', 'lease', 'lease', 'stale'] as const);
  if (kind < 0.55) return { kind: 'query', name: 'list', input: { prefix: 'key/' }, consistency };
  const read = { kind: 'query', name: 'get', input: { key }, consistency } as const;
  return consistency === 'stale' ? read : { ...read, history: { f: 'get', key, value: null } };
};

/** The bundled key-value store, as campaigns run it. */
export const kvSubject: Subject = {
  machine: kv,
  workload: kvWorkload,
  model: kvModel,
  serialOf: ({ input }) => {
    const { value } = input as { readonly value?: Uint8Array };
    return value === undefined ? null : Number(decoder.decode(value));
  },
};

/** Each put stores another value, so that a read tells which it saw. */
function bytesOf(serial: number): Uint8Array {
  return encoder.encode(String(serial));
}

function write(name: string, input: object, key: string, value: string | null, f = name): SimCall {
  return { kind: 'command', name, input, history: { f, key, value } };
}
