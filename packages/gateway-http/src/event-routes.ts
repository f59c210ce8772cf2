import type { Index } from '@flotilla/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReportError } from './create-server.ts';
import { eventPosition } from './event-position.ts';
import { type EventEncoding, writeEventStream } from './event-stream.ts';
import type { EventStreams } from './event-streams.ts';
import { badRequest } from './http-error.ts';
import { readQueryString } from './query-string.ts';

export interface EventRouteOptions {
  readonly heartbeatMs: number;
  readonly reportError: ReportError;
}

/** `GET /v1/events`: every event from an index on, as server-sent events. */
export function eventRoutes(server: FastifyInstance, streams: EventStreams, { heartbeatMs, reportError }: EventRouteOptions): void {
  server.get('/v1/events', { exposeHeadRoute: false }, async (request, reply) => {
    const parameters = readQueryString(request, ['from', 'encoding']);
    const encoding = encodingParameter(parameters);
    const position = eventPosition(headerOf(request, 'last-event-id'), parameters);
    const stream = streams.open(position, closeSignal(reply));
    try {
      startStream(reply, stream.from);
      await writeEventStream(reply.raw, stream, {
        encoding,
        heartbeatMs,
        reportError: (error) => reportError(error, { method: request.method, url: request.url }),
      });
    } finally {
      stream.close();
      reply.raw.end();
    }
  });
}

function encodingParameter(parameters: ReadonlyMap<string, string>): EventEncoding {
  const encoding = parameters.get('encoding') ?? 'json';
  if (encoding === 'json' || encoding === 'msgpack') return encoding;
  throw badRequest('invalid_query', `"${encoding}" is no encoding of events`, 'Give "json" or "msgpack".');
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function closeSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (reply.raw.closed) controller.abort();
  else reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

function startStream(reply: FastifyReply, from: Index): void {
  // From here on the response belongs to the stream, not to Fastify.
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Where the stream starts, so that a reader who gave no position can go on elsewhere before the first event came.
    'flotilla-events-from': String(from),
    // nginx would hold events back.
    'x-accel-buffering': 'no',
  });
  reply.raw.flushHeaders();
}
