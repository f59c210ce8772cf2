import type { CommandDescription, JsonSchema, MachineDescription, QueryDescription } from './describe-machine.ts';
import { content, errorResponse, type OpenApiObject, parameter } from './openapi-parts.ts';

/** The status of a rejection for which nobody names another one. */
const rejectedStatus = 409;

/** Puts a schema among the components of the document, and gives the reference to it. */
export type Component = (called: string, schema: JsonSchema) => OpenApiObject;

/** The paths of commands and queries. */
export function machinePaths(
  { commands, queries }: MachineDescription,
  component: Component,
  statusOf: Readonly<Record<string, number>>,
): OpenApiObject {
  const ofCommands = Object.entries(commands).map(([called, command]) => [
    `/v1/commands/${called}`,
    { post: commandOperation(called, command, component, statusOf) },
  ]);
  const ofQueries = Object.entries(queries).map(([called, query]) => [
    `/v1/queries/${called}`,
    { post: queryOperation(called, query, component) },
  ]);
  return Object.fromEntries([...ofCommands, ...ofQueries]);
}

function commandOperation(
  called: string,
  command: CommandDescription,
  component: Component,
  statusOf: Readonly<Record<string, number>>,
): OpenApiObject {
  const { description, input, reply, errors } = command;
  const answer = {
    type: 'object',
    required: ['index', 'term', 'reply'],
    properties: { index: { type: 'integer' }, term: { type: 'integer' }, reply: component(`${called}.reply`, reply) },
  };
  const byStatus = new Map<number, string[]>();
  for (const [code, { description: why, status }] of Object.entries(errors)) {
    const key = status ?? (Object.hasOwn(statusOf, code) ? statusOf[code] : undefined) ?? rejectedStatus;
    byStatus.set(key, [...(byStatus.get(key) ?? []), `\`${code}\`: ${why}`]);
  }
  const rejections = [...byStatus].map(([status, lines]) => [String(status), errorResponse(`Rejected. ${lines.join(' ')}`)]);
  return {
    operationId: `command.${called}`,
    tags: ['commands'],
    summary: called,
    ...(description !== null && { description }),
    parameters: [parameter('timeoutMs'), parameter('session'), parameter('sequence'), parameter('acknowledged')],
    requestBody: { content: content(component(`${called}.input`, input)) },
    responses: {
      200: { description: 'Applied.', content: content(answer) },
      400: errorResponse('`invalid_input`, with `issues`: the input is not what the command takes. Nothing reached the log.'),
      ...Object.fromEntries(rejections),
      default: { $ref: '#/components/responses/error' },
    },
  };
}

function queryOperation(called: string, { description, input, answer }: QueryDescription, component: Component): OpenApiObject {
  const result = {
    type: 'object',
    required: ['index', 'result'],
    properties: { index: { type: 'integer' }, result: component(`${called}.answer`, answer) },
  };
  return {
    operationId: `query.${called}`,
    tags: ['queries'],
    summary: called,
    ...(description !== null && { description }),
    parameters: [parameter('timeoutMs'), parameter('consistency'), parameter('maxStalenessMs')],
    ...(input !== null && { requestBody: { content: content(component(`${called}.input`, input)) } }),
    responses: {
      200: { description: 'What was read, and the applied index at which.', content: content(result) },
      400: errorResponse('`invalid_input`, with `issues`: the input is not what the query takes.'),
      default: { $ref: '#/components/responses/error' },
    },
  };
}
