import type { Consistency, QueryOptions } from '@flotilla/runtime';
import type { FastifyRequest } from 'fastify';
import { badRequest } from './http-error.ts';
import { stalenessRange } from './member-call.ts';

/**
 * The parameters of a request's query string. Throws a 400 `invalid_query` for a parameter that is not `known`, given twice
 * or badly encoded: a misspelt parameter that is ignored would silently mean something else.
 */
export function readQueryString(request: FastifyRequest, known: readonly string[]): ReadonlyMap<string, string> {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  const parameters = new Map<string, string>();
  const pairs =
    start < 0
      ? []
      : url
          .slice(start + 1)
          .split('&')
          .filter((pair) => pair !== '');
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    if (!known.includes(name)) throw badRequest('invalid_query', `there is no query parameter "${name}" here`, expected(known));
    if (parameters.has(name)) throw badRequest('invalid_query', `the query parameter "${name}" is given twice`, 'Give it once.');
    parameters.set(name, value);
  }
  return parameters;
}

function expected(known: readonly string[]): string {
  return known.length === 0 ? 'No query parameters are known here.' : `Known query parameters: ${known.join(', ')}.`;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw badRequest('invalid_query', 'the query string has a bad percent-encoding', 'Encode it as UTF-8, then percent-encode it.');
  }
}

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** An integer parameter, or undefined where it is absent. Throws a 400 `invalid_query` outside of the range. */
export function integerParameter(parameters: ReadonlyMap<string, string>, name: string, { min, max }: IntegerRange): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badRequest('invalid_query', `"${text}" is no value for "${name}"`, `Give an integer from ${min} to ${max}.`);
}

/** The names of the query parameters that every read takes. */
export const consistencyParameters = ['consistency', 'maxStalenessMs'] as const;

export const consistencies: readonly Consistency[] = ['linearizable', 'lease', 'stale'];

/** How fresh a read must be. Throws a 400 `invalid_query` for what is none, and for a bound on a read that needs none. */
export function consistencyOptions(parameters: ReadonlyMap<string, string>): Pick<QueryOptions, 'consistency' | 'maxStalenessMs'> {
  const text = parameters.get('consistency') ?? 'linearizable';
  const consistency = consistencies.find((known) => known === text);
  if (consistency === undefined)
    throw badRequest('invalid_query', `"${text}" is no consistency`, 'Give "linearizable", "lease" or "stale".');
  const maxStalenessMs = integerParameter(parameters, 'maxStalenessMs', stalenessRange);
  if (maxStalenessMs === undefined) return { consistency };
  if (consistency === 'stale') return { consistency, maxStalenessMs };
  throw badRequest('invalid_query', `a ${consistency} read is never stale`, 'Leave "maxStalenessMs" out, or ask with consistency=stale.');
}
