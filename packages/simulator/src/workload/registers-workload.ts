import type { SimCall, Workload } from './workload.ts';

const keys = Array.from({ length: 12 }, (_, n) => `k${n}`);

/** Puts, appends, comparisons and deletions of few keys, and reads of every consistency. */
export const registersWorkload: Workload = ({ serial, random }): SimCall => {
  const key = random.pick(keys);
  const value = `${serial}.`;
  const kind = random.next();
  if (kind < 0.25) return write('put', { key, value, serial }, key, value);
  if (kind < 0.37) return write('append', { key, value, serial }, key, value);
  if (kind < 0.45) {
    const expected = random.chance(0.5) ? null : `${random.integer(1, serial)}.`;
    return write('compareAndSet', { key, value, serial, expected }, key, { expected, value });
  }
  if (kind < 0.5) return write('remove', { key, serial }, key, null);
  const consistency = random.pick(['linearizable', 'lease', 'lease', 'stale'] as const);
  const read = { kind: 'query', name: 'get', input: { key }, consistency } as const;
  return consistency === 'stale' ? read : { ...read, history: { f: 'get', key, value: null } };
};

function write(name: string, input: object, key: string, value: unknown): SimCall {
  return { kind: 'command', name, input, history: { f: name, key, value } };
}
