import { usageError } from '../usage-error.ts';
import { fieldSchema, fieldsOf, itemSchema, type JsonSchema, typesOf } from './json-schema.ts';

/** An object that is being put together. It has no prototype, so that no name of a field means anything else. */
type Draft = Record<string, unknown>;

/** How deep fields may be nested by dots. */
const depthMax = 32;

/**
 * Makes an input of words such as `--by 2 --tag a --tag b --address.city Rome --no-express`, as its schema says what they are. `json` is
 * what the fields are put into. Throws usage errors that name the field.
 */
export function readFields(words: readonly string[], schema: JsonSchema, json: string | undefined): unknown {
  const whole = json === undefined ? undefined : parseJson('--json', json);
  if (words.length === 0 && whole !== undefined) return whole;
  if (whole !== undefined && !isObject(whole)) throw usageError('--json is no object', 'Fields can only be added to an object.');
  const draft: Draft = Object.assign(emptyObject(), whole);
  const given = new Set<string>();
  for (let at = 0; at < words.length; ) at += readField(words, at, schema, draft, given);
  return draft;
}

/** Reads the field at `at` into `draft`; returns how many words it took. `given` are the fields that cannot be given again. */
function readField(words: readonly string[], at: number, root: JsonSchema, draft: Draft, given: Set<string>): number {
  const word = words[at] ?? '';
  const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
  if (!match?.[1]) throw usageError(`"${word}" is not expected here`, 'Write fields as --name value.');
  const [, name, inWord] = match;
  const path = name.split('.');
  const schema = schemaAt(path, root);
  if (schema === null) {
    const positive = name.startsWith('no-') && inWord === undefined ? name.slice(3).split('.') : null;
    const flag = positive && schemaAt(positive, root);
    if (positive === null || !flag || !typesOf(flag, root).has('boolean')) throw unknownField(name, root);
    once(given, positive);
    place(draft, positive, false);
    return 1;
  }
  const next = words[at + 1];
  const types = typesOf(schema, root);
  if (inWord === undefined && types.has('boolean') && !(next === 'true' || next === 'false')) {
    once(given, path);
    place(draft, path, true);
    return 1;
  }
  const text = inWord ?? next;
  if (text === undefined) throw usageError(`--${name} has no value`, `Write --${name} ${placeholder(types)}.`);
  const item = itemSchema(schema, root);
  if (item === null || text.startsWith('[')) {
    once(given, path);
    place(draft, path, readValue(name, text, types));
  } else append(draft, path, readValue(name, text, typesOf(item, root)));
  return inWord === undefined ? 2 : 1;
}

/** Throws a usage error for what was given before: only lists take one word after the other. */
function once(given: Set<string>, path: readonly string[]): void {
  const name = path.join('.');
  if (given.has(name)) throw usageError(`--${name} is given twice`, 'Give it once: only the items of a list are given one by one.');
  given.add(name);
}

/** The schema of a nested field; null where there is none. */
function schemaAt(path: readonly string[], root: JsonSchema): JsonSchema | null {
  if (path.length > depthMax) return null;
  return path.reduce<JsonSchema | null>((schema, name) => (schema === null ? null : fieldSchema(schema, name, root)), root);
}

/** A word as a value of one of these types. */
function readValue(name: string, text: string, types: ReadonlySet<string>): unknown {
  if (types.has('null') && text === 'null') return null;
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.has('integer') && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  if (types.has('number') && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (types.has('string')) return text;
  if (types.size === 0 || types.has('object') || types.has('array'))
    return types.size === 0 ? jsonOrText(text) : parseJson(`--${name}`, text);
  throw usageError(`--${name} ${text} is no ${[...types].join(' or ')}`, `Write --${name} ${placeholder(types)}.`);
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseJson(flag: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${flag} is not JSON: ${error instanceof Error ? error.message : String(error)}`, `Write ${flag} '{"a": 1}'.`);
  }
}

function place(draft: Draft, path: readonly string[], value: unknown): void {
  const parent = parentOf(draft, path);
  parent[path.at(-1) ?? ''] = value;
}

function append(draft: Draft, path: readonly string[], value: unknown): void {
  const parent = parentOf(draft, path);
  const name = path.at(-1) ?? '';
  const before = parent[name];
  parent[name] = Array.isArray(before) ? [...before, value] : [value];
}

function parentOf(draft: Draft, path: readonly string[]): Draft {
  return path.slice(0, -1).reduce((parent, name) => {
    const child: Draft = Object.assign(emptyObject(), parent[name]);
    parent[name] = child;
    return child;
  }, draft);
}

function emptyObject(): Draft {
  return Object.create(null) as Draft;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownField(name: string, root: JsonSchema): Error {
  const names = [...fieldsOf(root, root).keys()].map((known) => `--${known}`).join(', ');
  return usageError(`there is no field "${name}"`, names === '' ? 'It takes no fields.' : `Fields: ${names}.`);
}

/** What to write for a value of these types. */
export function placeholder(types: ReadonlySet<string>): string {
  return types.size === 0 ? '<value>' : `<${[...types].join(' or ')}>`;
}
