import type { FastifyInstance } from 'fastify';
import { sendValue } from '../body-formats.ts';
import { readQueryString } from '../query-string.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import type { ServedMachine } from './served-machine.ts';

/** `GET /v1/machine`, `/v1/openapi.json` and `/v1/docs`: the machine as data, for tools, and for people. */
export function descriptionRoutes(server: FastifyInstance, machine: ServedMachine): void {
  server.get('/v1/machine', (request, reply) => {
    readQueryString(request, []);
    return sendValue(request, reply, machine.describe());
  });

  server.get('/v1/openapi.json', (request, reply) => {
    readQueryString(request, []);
    return reply.send(openApiDocument(machine.describe()));
  });

  server.get('/v1/docs', (request, reply) => {
    readQueryString(request, []);
    const { html, contentSecurityPolicy } = docsPage(machine.describe());
    return reply
      .header('content-security-policy', contentSecurityPolicy)
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(html);
  });
}
