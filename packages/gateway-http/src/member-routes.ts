import type { FastifyInstance } from 'fastify';
import type { CallTarget } from './answer-call.ts';
import type { RouteContext } from './app.ts';
import { addBodyFormats } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { badRequest } from './http-error.ts';
import { membershipChangeOf, transferOf } from './membership-schema.ts';
import { readQueryString } from './query-string.ts';
import { sendAnswer } from './send-answer.ts';

/** `GET` and `POST /v1/members`, `POST /v1/transfer`: who belongs to the group, and who leads it. */
export function memberRoutes(server: FastifyInstance, { callOptions }: RouteContext, target: CallTarget): void {
  addBodyFormats(server);

  server.get('/v1/members', (request, reply) => {
    const view = viewParameter(readQueryString(request, ['view']));
    return sendAnswer({ request, reply }, target, { kind: 'members', view });
  });

  server.post('/v1/members', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    return sendAnswer({ request, reply }, target, { kind: 'change-membership', change: membershipChangeOf(request.body) }, options);
  });

  server.post('/v1/transfer', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    return sendAnswer({ request, reply }, target, { kind: 'transfer-leadership', ...transferOf(request.body) }, options);
  });
}

/** Whose view is wanted: `any` member's, or the `leader`'s, which alone knows how far the others are. */
function viewParameter(parameters: ReadonlyMap<string, string>): 'any' | 'leader' {
  const view = parameters.get('view') ?? 'any';
  if (view === 'any' || view === 'leader') return view;
  throw badRequest('invalid_query', `"${view}" is no view`, 'Give "any" or "leader".');
}
