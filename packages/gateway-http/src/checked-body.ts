import type { z } from 'zod';
import { type BadRequestCode, badRequest } from './http-error.ts';

/** A value that has the form that a call takes. Throws a 400 with `code` that names what is wrong with it. */
export function checkedBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  expected: string,
  code: BadRequestCode = 'invalid_input',
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw badRequest(code, `that is not what this call takes: ${issues.slice(0, 5).join('; ')}`, expected);
}
