import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type InputIssue, MachineError, passOnNondeterminism } from './machine-error.ts';
import { messageOf } from './message-of.ts';

/**
 * Validates an input with its schema. Throws a `MachineError`: with code `invalid_input`, it names every offending path; with
 * `machine_defect`, the schema itself threw.
 */
export async function checkInput(what: string, schema: StandardSchemaV1, input: unknown): Promise<unknown> {
  let result: StandardSchemaV1.Result<unknown>;
  try {
    result = await schema['~standard'].validate(input);
  } catch (cause) {
    throw schemaThrew(what, cause);
  }
  return outputOf(what, result);
}

/** The same for schemas that must answer at once. */
export function checkInputSync(what: string, schema: StandardSchemaV1, input: unknown): unknown {
  let result: ReturnType<StandardSchemaV1['~standard']['validate']>;
  try {
    result = schema['~standard'].validate(input);
  } catch (cause) {
    throw schemaThrew(what, cause);
  }
  if ('then' in result)
    throw new MachineError(
      'machine_defect',
      `the schema of ${what} validates asynchronously`,
      'Use a schema without asynchronous refinements here.',
    );
  return outputOf(what, result);
}

function schemaThrew(what: string, cause: unknown): MachineError {
  passOnNondeterminism(cause);
  const hint = 'This is a defect of the machine: let its schema report an issue instead.';
  return new MachineError('machine_defect', `the schema of ${what} threw: ${messageOf(cause)}`, hint, { cause });
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
