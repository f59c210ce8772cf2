import { formatTable } from '../output.ts';
import { type Field, fieldsOf, itemSchema, type JsonSchema, schemaOf, typesOf } from './json-schema.ts';
import type { CallableMachine, MachineCall } from './machine-calls.ts';
import { placeholder } from './read-fields.ts';

/** All that can be called, one line for each. */
export function describeMachine({ name, version, calls }: CallableMachine): string {
  const lines = (kind: MachineCall['kind']) => calls.filter((call) => call.kind === kind).map((call) => `  ${usageLine(call)}`);
  const section = (title: string, of: readonly string[]) => (of.length === 0 ? [] : ['', title, ...of]);
  return [
    `Machine ${name}, version ${version}.`,
    ...section('Commands:', lines('command')),
    ...section('Queries:', lines('query')),
    '',
    `flotilla call ${name} <command or query> --help explains its fields.`,
  ].join('\n');
}

/** One call with its fields. */
export function describeCall(machine: string, call: MachineCall): string {
  const fields = [...allFields(call.input ?? {}, call.input ?? {}, '')];
  const rows = fields.map(([name, { schema, required }]) => [
    `  --${name} ${wordFor(schema, call.input ?? {})}`,
    required ? 'required' : 'optional',
    remarks(schema),
  ]);
  const description = schemaOf(call.input).description;
  return [
    `Usage: flotilla call ${machine} ${usageLine(call)}`,
    ...(typeof description === 'string' ? ['', description] : []),
    ...(rows.length === 0 ? [] : ['', formatTable(['Fields:', '', ''], rows)]),
    ...(call.errors.length === 0 ? [] : ['', `Refusals: ${call.errors.join(', ')}`]),
  ].join('\n');
}

function usageLine({ name, input }: MachineCall): string {
  if (input === null) return name;
  const words = [...fieldsOf(input, input)].map(([field, { schema, required }]) => {
    const text = `--${field} ${wordFor(schema, input)}`.trimEnd();
    return required ? text : `[${text}]`;
  });
  const known = words.length > 0 || (typesOf(input, input).size === 1 && typesOf(input, input).has('object'));
  return [name, ...(known ? words : ["--json '<value>'"])].join(' ');
}

/** The fields and the fields within, by their paths. */
function* allFields(schema: JsonSchema, root: JsonSchema, prefix: string, depth = 0): Generator<readonly [string, Field]> {
  for (const [name, field] of fieldsOf(schema, root)) {
    const path = `${prefix}${name}`;
    const inner = depth < 4 && itemSchema(field.schema, root) === null ? [...allFields(field.schema, root, `${path}.`, depth + 1)] : [];
    if (inner.length === 0) yield [path, field];
    else yield* inner;
  }
}

function wordFor(schema: JsonSchema, root: JsonSchema): string {
  const types = typesOf(schema, root);
  if (types.size === 1 && types.has('boolean')) return '';
  const item = itemSchema(schema, root);
  if (item !== null) return `${placeholder(typesOf(item, root))} …`;
  const values = schema.enum;
  return Array.isArray(values) ? `<${values.join('|')}>` : placeholder(types);
}

const limits: readonly (readonly [string, string])[] = [
  ['minimum', 'at least'],
  ['exclusiveMinimum', 'more than'],
  ['maximum', 'at most'],
  ['exclusiveMaximum', 'less than'],
  ['minLength', 'characters, at least'],
  ['maxLength', 'characters, at most'],
  ['format', 'as'],
  ['default', 'by default'],
];

/** What the schema says besides the type. The bounds that only say "safe integer" go without saying. */
function remarks(schema: JsonSchema): string {
  const said = limits.flatMap(([key, words]) => {
    const value = schema[key];
    if (value === undefined || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) return [];
    return [`${words} ${typeof value === 'object' ? JSON.stringify(value) : value}`];
  });
  return [...(typeof schema.description === 'string' ? [schema.description] : []), ...said].join('; ');
}
