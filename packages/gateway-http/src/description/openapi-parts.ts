import { sessionTtlRange } from '@flotilla/state-machine';
import { stalenessRange, timeoutRange } from '../member-call.ts';
import { consistencies } from '../query-string.ts';
import { stampHeaders } from '../session-headers.ts';

/** Any object of an OpenAPI document. */
export type OpenApiObject = Readonly<Record<string, unknown>>;

/** A parameter of the document, by its name there. */
export function parameter(called: keyof typeof parameters): OpenApiObject {
  return { $ref: `#/components/parameters/${called}` };
}

/** The same in both formats. */
export function content(schema: OpenApiObject): OpenApiObject {
  return { 'application/json': { schema }, 'application/msgpack': { schema } };
}

/** An answer that is an error. */
export function errorResponse(description: string): OpenApiObject {
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };
}

/** The body of every error. */
export const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string', description: 'Stable, for programs.' },
        message: { type: 'string' },
        hint: { type: 'string', description: 'What to do about it.' },
        outcome: { enum: ['not-applied', 'unknown'], description: 'Whether a retry is safe.' },
        rejected: { const: true, description: 'The machine refused the command: every replica did.' },
        index: { type: 'integer' },
        details: { description: "The machine's own." },
        issues: {
          type: 'array',
          items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
};

function header(name: string, description: string): OpenApiObject {
  return { name, in: 'header', required: false, description, schema: { type: 'integer', minimum: 0 } };
}

/** The parameters that several calls take. */
export const parameters = {
  timeoutMs: {
    name: 'timeoutMs',
    in: 'query',
    description: 'How long to wait for the whole way.',
    schema: { type: 'integer', minimum: timeoutRange.min, maximum: timeoutRange.max },
  },
  consistency: {
    name: 'consistency',
    in: 'query',
    description: 'How fresh the read must be.',
    schema: { enum: consistencies, default: 'linearizable' },
  },
  maxStalenessMs: {
    name: 'maxStalenessMs',
    in: 'query',
    description: 'With `consistency=stale`: sees everything that was acknowledged so long ago.',
    schema: { type: 'integer', minimum: stalenessRange.min, maximum: stalenessRange.max },
  },
  session: header(
    stampHeaders.session,
    `The session of the command, opened for ${sessionTtlRange.max} ms at most. All three headers, or none.`,
  ),
  sequence: header(stampHeaders.sequence, 'The number of the command in its session, from 1 on; a repetition has that of the first try.'),
  acknowledged: header(stampHeaders.acknowledged, 'The lowest number whose reply the client does not have yet.'),
} as const;
