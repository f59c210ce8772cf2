const prime = 0x0100_0193;
const offsetBasis = 0x811c_9dc5;

/**
 * A number of 32 bits, never 0, that is the same for equal bytes: FNV-1a, four bytes at a time. Two values that differ have
 * the same digest once in 2^32 times: then a violation is missed, and nothing is ever taken for one that is none.
 */
export function digestBytes(bytes: Uint8Array): number {
  let hash = mix(offsetBasis, bytes.length);
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const word =
      (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    hash = mix(hash, word);
  }
  for (let i = whole; i < bytes.length; i++) hash = mix(hash, bytes[i] as number);
  return finish(hash);
}

/** As {@link digestBytes}, for anything that the machine codec carries. The order of an object's and a map's keys counts. */
export function digestValue(value: unknown): number {
  return finish(mixValue(offsetBasis, value));
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, prime);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  return hash >>> 0 || 1;
}

function mixValue(hash: number, value: unknown): number {
  switch (typeof value) {
    case 'string':
      return mixText(mix(hash, 1), value);
    case 'number':
      return mixNumber(mix(hash, 2), value);
    case 'boolean':
      return mix(hash, value ? 3 : 4);
    case 'object':
      return value === null ? mix(hash, 5) : mixObject(hash, value);
    case 'bigint':
      return mixText(mix(hash, 6), String(value));
    default:
      return mix(hash, 7);
  }
}

function mixText(hash: number, text: string): number {
  let mixed = mix(hash, text.length);
  for (let i = 0; i < text.length; i++) mixed = mix(mixed, text.charCodeAt(i));
  return mixed;
}

function mixNumber(hash: number, value: number): number {
  if ((value | 0) === value) return mix(hash, value);
  return Number.isSafeInteger(value) ? mix(mix(hash, value), Math.floor(value / 2 ** 32)) : mixText(hash, String(value));
}

function mixObject(hash: number, value: object): number {
  if (Array.isArray(value)) return mixAll(mix(hash, 8), value);
  if (value instanceof Uint8Array) return mix(mix(hash, 9), digestBytes(value));
  if (value instanceof Map || value instanceof Set) return mixAll(mix(hash, 10), value);
  if (value instanceof Date) return mixNumber(mix(hash, 11), value.getTime());
  let mixed = mix(hash, 12);
  for (const key in value) mixed = mixValue(mixText(mixed, key), (value as Record<string, unknown>)[key]);
  return mixed;
}

function mixAll(hash: number, values: Iterable<unknown>): number {
  let mixed = hash;
  let count = 0;
  for (const value of values) {
    mixed = mixValue(mixed, value);
    count++;
  }
  return mix(mixed, count);
}
