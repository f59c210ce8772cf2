import { FlotillaError, invariant } from '@flotilla/core';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Numbers that JSON has no words for. */
const numbers: ReadonlyMap<string, number> = new Map([
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['-0', -0],
]);

/**
 * A value of plain data as JSON, exactly: bytes become `{"$bytes": base64}`, maps `{"$map": [[key, value], …]}`, numbers
 * that JSON lacks `{"$number": "Infinity"}`, a field that is there and undefined `{"$undefined": true}`. A field whose name
 * begins with `$` gets one `$` more. Classes and functions are no plain data: to give one is a defect.
 */
export function toExactJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: Object.is(value, -0) ? '-0' : String(value) };
  if (value === undefined) return { $undefined: true };
  invariant(typeof value === 'object', `a ${typeof value} cannot be recorded`);
  if (Array.isArray(value)) return value.map(toExactJson);
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (value instanceof Map) return { $map: [...value].map(([key, each]) => [toExactJson(key), toExactJson(each)]) };
  const prototype: unknown = Object.getPrototypeOf(value);
  invariant(prototype === Object.prototype || prototype === null, 'an object of a class cannot be recorded');
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.startsWith('$') ? `$${key}` : key, toExactJson(each)]));
}

/** The value that {@link toExactJson} made `json` of. Throws `not_exact_json` where it did not. */
export function fromExactJson(json: Json): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (isArray(json)) return json.map(fromExactJson);
  const fields = Object.entries(json);
  const [only] = fields;
  if (fields.length === 1 && only?.[0].startsWith('$') && !only[0].startsWith('$$')) return fromTagged(only[0], only[1]);
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries(fields.map(([key, each]) => [plainKey(key), fromExactJson(each)]));
}

function fromTagged(tag: string, json: Json): unknown {
  if (tag === '$undefined' && json === true) return undefined;
  if (tag === '$number' && typeof json === 'string' && numbers.has(json)) return numbers.get(json);
  if (tag === '$bytes' && typeof json === 'string') {
    const bytes = Buffer.from(json, 'base64');
    // What is no base64 is skipped in silence.
    if (bytes.toString('base64') === json) return new Uint8Array(bytes);
  }
  if (tag === '$map' && isArray(json)) return new Map(json.map(fromPair));
  throw notExact(`${tag} does not hold what it should`);
}

function fromPair(pair: Json): [unknown, unknown] {
  if (pair === null || !isArray(pair) || pair.length !== 2) throw notExact('$map does not hold pairs');
  const [key = null, value = null] = pair;
  return [fromExactJson(key), fromExactJson(value)];
}

function plainKey(key: string): string {
  if (!key.startsWith('$')) return key;
  if (key.startsWith('$$')) return key.slice(1);
  throw notExact(`${key} stands among other fields`);
}

function isArray(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function notExact(message: string): FlotillaError {
  return new FlotillaError('not_exact_json', message, 'Write it with toExactJson.');
}
