import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './app.ts';
import { addBodyFormats, sendValue } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { rejectionError } from './error-table.ts';
import { consistencyOptions, consistencyParameters, readQueryString } from './query-string.ts';

interface Named {
  readonly Params: { readonly name: string };
}

/** `POST /v1/commands/<name>` and `POST /v1/queries/<name>`: what every machine gets. */
export function machineRoutes(
  server: FastifyInstance,
  { group, callOptions }: RouteContext,
  rejectionStatus: Readonly<Record<string, number>>,
): void {
  addBodyFormats(server);

  server.post<Named>('/v1/commands/:name', async (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    const applied = await group.execute({ type: request.params.name, input: request.body }, options);
    if (applied.outcome.kind === 'rejected') throw rejectionError(applied, applied.outcome, rejectionStatus);
    return sendValue(request, reply, { index: applied.index, term: applied.term, reply: applied.outcome.reply });
  });

  server.post<Named>('/v1/queries/:name', async (request, reply) => {
    const parameters = readQueryString(request, [...callParameters, ...consistencyParameters]);
    const options = { ...callOptions(parameters, reply), ...consistencyOptions(parameters) };
    const { index, result } = await group.query(request.params.name, request.body, options);
    return sendValue(request, reply, { index, result });
  });
}
