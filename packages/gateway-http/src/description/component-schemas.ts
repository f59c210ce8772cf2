import type { JsonSchema } from '@flotilla/state-machine';

/**
 * A JSON Schema as a component of an OpenAPI document; where nobody has said what it is, one that allows everything. References within it begin at its own root, which is `at` there; its dialect is
 * that of the document.
 */
export function componentSchema(schema: JsonSchema | null, at: string): JsonSchema {
  const { $schema: _dialect, ...rest } = schema ?? {};
  return moved(rest, at) as JsonSchema;
}

function moved(value: unknown, at: string): unknown {
  if (Array.isArray(value)) return value.map((item) => moved(item, at));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === '$ref' && typeof item === 'string' && item.startsWith('#') ? `${at}${item.slice(1)}` : moved(item, at),
  ]);
  return Object.fromEntries(entries);
}
