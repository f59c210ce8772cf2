import type { CommandDescription, JsonSchema, MachineDescription, QueryDescription } from '@flotilla/state-machine';
import { content, errorResponse, type OpenApiObject, parameter } from './openapi-parts.ts';

/** Puts a schema among the components of the document, and gives the reference to it. */
export type Component = (called: string, schema: JsonSchema | null) => OpenApiObject;

/** The paths of commands and queries. */
export function machinePaths({ commands, queries }: MachineDescription, component: Component): OpenApiObject {
  const ofCommands = commands.map((command) => [`/v1/commands/${command.name}`, { post: commandOperation(command, component) }]);
  const ofQueries = queries.map((query) => [`/v1/queries/${query.name}`, { post: queryOperation(query, component) }]);
  return Object.fromEntries([...ofCommands, ...ofQueries]);
}

function commandOperation({ name, description, input, reply, errors }: CommandDescription, component: Component): OpenApiObject {
  const answer = {
    type: 'object',
    required: ['index', 'term', 'reply'],
    properties: { index: { type: 'integer' }, term: { type: 'integer' }, reply: component(`${name}.reply`, reply) },
  };
  const byStatus = new Map<number | null, string[]>();
  for (const { code, description: why, status } of errors) byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${why}`]);
  const rejections = [...byStatus].map(([status, lines]) => [String(status), errorResponse(`Rejected. ${lines.join(' ')}`)]);
  return {
    operationId: `command.${name}`,
    tags: ['commands'],
    summary: name,
    ...(description !== null && { description }),
    parameters: [parameter('timeoutMs'), parameter('session'), parameter('sequence'), parameter('acknowledged')],
    requestBody: { content: content(component(`${name}.input`, input)) },
    responses: {
      200: { description: 'Applied.', content: content(answer) },
      400: errorResponse('`invalid_input`, with `issues`: the input is not what the command takes. Nothing reached the log.'),
      ...Object.fromEntries(rejections),
      default: { $ref: '#/components/responses/error' },
    },
  };
}

function queryOperation({ name, description, takesInput, input, answer }: QueryDescription, component: Component): OpenApiObject {
  const result = {
    type: 'object',
    required: ['index', 'result'],
    properties: { index: { type: 'integer' }, result: component(`${name}.answer`, answer) },
  };
  return {
    operationId: `query.${name}`,
    tags: ['queries'],
    summary: name,
    ...(description !== null && { description }),
    parameters: [parameter('timeoutMs'), parameter('consistency'), parameter('maxStalenessMs')],
    ...(takesInput && { requestBody: { content: content(component(`${name}.input`, input)) } }),
    responses: {
      200: { description: 'What was read, and the applied index at which.', content: content(result) },
      400: errorResponse('`invalid_input`, with `issues`: the input is not what the query takes.'),
      default: { $ref: '#/components/responses/error' },
    },
  };
}
