import type { JsonSchema } from '@flotilla/state-machine';

/** How deep an example goes: schemas may refer to themselves. */
const depthMax = 6;

/** Some value of the form that a JSON Schema describes, to begin with: the shortest where there is no default. */
export function exampleInput(schema: JsonSchema, root: JsonSchema = schema, depth = 0): unknown {
  if (depth > depthMax) return null;
  const { $ref, allOf, anyOf, oneOf } = schema;
  if (typeof $ref === 'string') return exampleInput(resolved($ref, root), root, depth + 1);
  for (const key of ['default', 'const'] as const) if (key in schema) return schema[key];
  for (const choices of [schema.examples, schema.enum]) if (Array.isArray(choices) && choices.length > 0) return choices[0];
  for (const choices of [anyOf, oneOf, allOf]) if (Array.isArray(choices)) return exampleInput(schemaOf(choices[0]), root, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
    case undefined:
      return exampleObject(schema, root, depth);
    case 'array':
      return [];
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? Math.max(schema.minimum, 0) : 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function exampleObject(schema: JsonSchema, root: JsonSchema, depth: number): unknown {
  const properties = schemaOf(schema.properties);
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => [name, exampleInput(schemaOf(property), root, depth + 1)]),
  );
}

function resolved(reference: string, root: JsonSchema): JsonSchema {
  if (!reference.startsWith('#')) return {};
  const steps = reference.slice(1).split('/').filter(Boolean);
  return steps.reduce<JsonSchema>((at, step) => schemaOf(at[step.replaceAll('~1', '/').replaceAll('~0', '~')]), root);
}

function schemaOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
