import type { FastifyInstance } from 'fastify';
import type { CallTarget } from './answer-call.ts';
import type { RouteContext } from './app.ts';
import { addBodyFormats } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { badRequest } from './http-error.ts';
import { readQueryString } from './query-string.ts';
import { sendAnswer } from './send-answer.ts';
import { sessionOf } from './session-schema.ts';

interface Numbered {
  readonly Params: { readonly session: string };
}

/**
 * `POST /v1/sessions`, `POST /v1/sessions/<id>/keep` and `DELETE /v1/sessions/<id>`: the sessions in which commands are applied once,
 * however often they are sent.
 */
export function sessionRoutes(server: FastifyInstance, { callOptions }: RouteContext, target: CallTarget): void {
  addBodyFormats(server);

  server.post('/v1/sessions', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    return sendAnswer({ request, reply }, target, { kind: 'open-session', ...sessionOf(request.body) }, options);
  });

  server.post<Numbered>('/v1/sessions/:session/keep', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    return sendAnswer({ request, reply }, target, { kind: 'keep-session', session: sessionNumber(request.params.session) }, options);
  });

  server.delete<Numbered>('/v1/sessions/:session', (request, reply) => {
    const options = callOptions(readQueryString(request, callParameters), reply);
    return sendAnswer({ request, reply }, target, { kind: 'close-session', session: sessionNumber(request.params.session) }, options);
  });
}

function sessionNumber(text: string): number {
  const session = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(session) && session > 0) return session;
  throw badRequest('invalid_path', `"${text.slice(0, 32)}" is no session`, 'Give the number that POST /v1/sessions answered.');
}
