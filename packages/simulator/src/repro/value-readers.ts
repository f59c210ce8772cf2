import { malformed } from './repro-error.ts';

/** Takes a value for what it should be, or throws `repro_malformed` with its path. */
export type Reader<T> = (value: unknown, path: string) => T;

/** A number of at least `least` and at most `most`. */
export function number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Reader<number> {
  return (value, path) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
    throw malformed(path, value, `a number${bounds(least, most)}`);
  };
}

/** A whole number of at least `least`. */
export function whole(least = 0): Reader<number> {
  return (value, path) => {
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    throw malformed(path, value, `a whole number${bounds(least)}`);
  };
}

export const text: Reader<string> = (value, path) => {
  if (typeof value === 'string') return value;
  throw malformed(path, value, 'a text');
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw malformed(path, value, 'true or false');
};

/** Exactly this value. */
export function exactly<const T>(expected: T): Reader<T> {
  return (value, path) => {
    if (value === expected) return expected;
    throw malformed(path, value, JSON.stringify(expected));
  };
}

export function orNull<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw malformed(path, value, 'a list');
    return value.map((each, at) => read(each, `${path}[${at}]`));
  };
}

/** An object with exactly these fields. */
export function record<T extends object>(shape: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  const names = Object.keys(shape) as (keyof T & string)[];
  return (value, path) => {
    const given = fieldsOf(value, path, names);
    return Object.fromEntries(names.map((name) => [name, shape[name](given[name], `${path}.${name}`)])) as T;
  };
}

/** An object with some of these fields. */
export function part<T extends object>(shape: { readonly [K in keyof T]-?: Reader<T[K]> }): Reader<Partial<T>> {
  const names = Object.keys(shape) as (keyof T & string)[];
  return (value, path) => {
    const given = fieldsOf(value, path, names);
    const there = names.filter((name) => Object.hasOwn(given, name));
    return Object.fromEntries(there.map((name) => [name, shape[name](given[name], `${path}.${name}`)])) as Partial<T>;
  };
}

/** The fields of an object that has no others than `names`: one that this release does not know may not be passed over. */
export function fieldsOf(value: unknown, path: string, names: readonly string[]): { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(path, value, 'an object');
  const fields = value as { readonly [name: string]: unknown };
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) throw malformed(`${path}.${unknown}`, fields[unknown], 'absent: there is no such field');
  return fields;
}

function bounds(least: number, most = Number.POSITIVE_INFINITY): string {
  const parts = [Number.isFinite(least) ? `at least ${least}` : '', Number.isFinite(most) ? `at most ${most}` : ''].filter(
    (each) => each !== '',
  );
  return parts.length === 0 ? '' : ` of ${parts.join(' and ')}`;
}
