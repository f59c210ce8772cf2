/** A JSON Schema as a member describes an input; read as far as a command line needs it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How deep references and alternatives are followed: a schema may refer to itself. */
const depthMax = 16;

/** The schema of anything. */
export const anything: JsonSchema = {};

/** A value as a schema; what is none, such as `true`, says nothing. */
export function schemaOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : anything;
}

/** What a value may be: the schema itself, or each of its alternatives, without references. */
export function alternatives(schema: JsonSchema, root: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > depthMax) return [];
  if (typeof schema.$ref === 'string') return alternatives(referred(schema.$ref, root), root, depth + 1);
  const lists = [schema.anyOf, schema.oneOf, schema.allOf].filter(Array.isArray);
  if (lists.length === 0) return [schema];
  const { anyOf: _any, oneOf: _one, allOf: _all, ...own } = schema;
  const inner = lists.flat().flatMap((each) => alternatives(schemaOf(each), root, depth + 1));
  return 'properties' in own ? [own, ...inner] : inner;
}

function referred(reference: string, root: JsonSchema): JsonSchema {
  if (!reference.startsWith('#')) return anything;
  const steps = reference.split('/').slice(1);
  return steps.reduce((schema, step) => schemaOf(schema[step.replaceAll('~1', '/').replaceAll('~0', '~')]), root);
}

/** The JSON types that a value may have; empty where the schema does not say. */
export function typesOf(schema: JsonSchema, root: JsonSchema): ReadonlySet<string> {
  return new Set(alternatives(schema, root).flatMap(ownTypes));
}

function ownTypes({ type, enum: values, const: only }: JsonSchema): readonly string[] {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((each): each is string => typeof each === 'string');
  const known = Array.isArray(values) ? values : only === undefined ? [] : [only];
  return known.map((value) => (value === null ? 'null' : typeof value));
}

/** The named fields of an object, over all alternatives. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const { properties, required } of alternatives(schema, root)) {
    const needed = new Set(Array.isArray(required) ? required : []);
    for (const [name, value] of Object.entries(schemaOf(properties))) {
      if (!fields.has(name)) fields.set(name, { schema: schemaOf(value), required: needed.has(name) });
    }
  }
  return fields;
}

export interface Field {
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** The schema of a field; null where an object of this schema has no such field. */
export function fieldSchema(schema: JsonSchema, name: string, root: JsonSchema): JsonSchema | null {
  const field = fieldsOf(schema, root).get(name);
  if (field !== undefined) return field.schema;
  const open = alternatives(schema, root).find((each) => allowsMore(each));
  return open === undefined ? null : schemaOf(open.additionalProperties);
}

/** Whether there may be fields that the schema does not name. Closed by default where it names some: a typing error is likelier. */
function allowsMore({ properties, additionalProperties, type }: JsonSchema): boolean {
  if (additionalProperties !== undefined) return additionalProperties !== false;
  return properties === undefined && (type === undefined || type === 'object');
}

/** The schema of what is in an array; null where a value of this schema cannot be one. */
export function itemSchema(schema: JsonSchema, root: JsonSchema): JsonSchema | null {
  const array = alternatives(schema, root).find((each) => ownTypes(each).includes('array'));
  return array === undefined ? null : schemaOf(array.items);
}
