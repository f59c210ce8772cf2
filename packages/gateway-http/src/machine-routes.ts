import type { FastifyInstance } from 'fastify';
import type { CallTarget } from './answer-call.ts';
import type { RouteContext } from './app.ts';
import { addBodyFormats } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { consistencyOptions, consistencyParameters, readQueryString } from './query-string.ts';
import { sendAnswer } from './send-answer.ts';
import { stampOf } from './session-headers.ts';

interface Named {
  readonly Params: { readonly name: string };
}

/** `POST /v1/commands/<name>` and `POST /v1/queries/<name>`: what every machine gets. */
export function machineRoutes(server: FastifyInstance, { callOptions }: RouteContext, target: CallTarget): void {
  addBodyFormats(server);

  server.post<Named>('/v1/commands/:name', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    const { name } = request.params;
    const call = { kind: 'command', name, input: request.body, stamp: stampOf(request.headers) } as const;
    return sendAnswer({ request, reply }, target, call, options);
  });

  server.post<Named>('/v1/queries/:name', (request, reply) => {
    const parameters = readQueryString(request, [...callParameters, ...consistencyParameters]);
    const { name } = request.params;
    const call = { kind: 'query', name, input: request.body, freshness: consistencyOptions(parameters) } as const;
    return sendAnswer({ request, reply }, target, call, callOptions(parameters, reply));
  });
}
