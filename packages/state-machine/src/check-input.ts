import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type InputIssue, MachineError, passOnNondeterminism } from './machine-error.ts';

/** Validates an input with its schema. Throws a `MachineError` with code `invalid_input` that names every offending path. */
export async function checkInput(what: string, schema: StandardSchemaV1, input: unknown): Promise<unknown> {
  return outputOf(what, await validate(what, schema, input));
}

/** The same for schemas that must answer at once. */
export function checkInputSync(what: string, schema: StandardSchemaV1, input: unknown): unknown {
  const result = validate(what, schema, input);
  if ('then' in result)
    throw new MachineError(
      'machine_defect',
      `the schema of ${what} validates asynchronously`,
      'Use a schema without asynchronous refinements here.',
    );
  return outputOf(what, result);
}

function validate(what: string, schema: StandardSchemaV1, input: unknown): ReturnType<StandardSchemaV1['~standard']['validate']> {
  try {
    return schema['~standard'].validate(input);
  } catch (cause) {
    passOnNondeterminism(cause);
    throw new MachineError('machine_defect', `the schema of ${what} threw`, 'This is a defect of the machine: correct its schema.', {
      cause,
    });
  }
}

function outputOf(what: string, result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ path, message }): InputIssue => ({ path: describePath(path ?? []), message }));
  const described = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new MachineError('invalid_input', `invalid input for ${what}: ${described}`, 'Correct the input as described.', { issues });
}

/** `['items', 0, 'name']` reads `items[0].name`. */
function describePath(path: readonly (PropertyKey | StandardSchemaV1.PathSegment)[]): string {
  return path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .map((key, position) => (typeof key === 'number' ? `[${key}]` : `${position === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
