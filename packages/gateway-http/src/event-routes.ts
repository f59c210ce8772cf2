import type { Group } from '@flotilla/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReportError } from './create-server.ts';
import { type EventPosition, eventPosition } from './event-position.ts';
import { type EventEncoding, writeEventStream } from './event-stream.ts';
import { badRequest, HttpError, unavailable } from './http-error.ts';
import { assertInsider, outsiderReason } from './outsider.ts';
import { readQueryString } from './query-string.ts';

export interface EventRouteOptions {
  /** How many streams may be open at once. */
  readonly streamsMax: number;
  readonly heartbeatMs: number;
  /** Aborts when the gateway closes. */
  readonly closing: AbortSignal;
  readonly reportError: ReportError;
}

/** `GET /v1/events`: every event from an index on, as server-sent events. */
export function eventRoutes(server: FastifyInstance, group: Group, options: EventRouteOptions): void {
  const { streamsMax, heartbeatMs, closing, reportError } = options;
  let open = 0;

  server.get('/v1/events', { exposeHeadRoute: false }, async (request, reply) => {
    const parameters = readQueryString(request, ['from', 'encoding']);
    assertInsider(group);
    const encoding = encodingParameter(parameters);
    const lastEventId = headerOf(request, 'last-event-id');
    const position = eventPosition(lastEventId, parameters) ?? { from: group.journalStart(), skip: 0 };
    if (position.from < group.journalStart()) throw compacted(position, group.journalStart());
    if (open >= streamsMax)
      throw unavailable(
        'too_many_streams',
        `${streamsMax} event streams are open, which is the limit`,
        'Close one, or use another member.',
      );
    open++;
    const removed = new AbortController();
    // Nothing ever happens here again: the reader shall go on elsewhere.
    const watch = setInterval(() => outsiderReason(group.status().standing) !== null && removed.abort(), heartbeatMs);
    try {
      const signal = AbortSignal.any([closing, removed.signal, closeSignal(reply)]);
      startStream(reply, position);
      await writeEventStream(reply.raw, group.events({ from: position.from, signal }), {
        encoding,
        skip: position.skip,
        heartbeatMs,
        signal,
        reportError: (error) => reportError(error, { method: request.method, url: request.url }),
      });
    } finally {
      clearInterval(watch);
      open--;
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

function compacted({ from }: EventPosition, journalStart: number): HttpError {
  return new HttpError(
    410,
    'journal_compacted',
    `the events of entry ${from} are no longer in the journal`,
    `The first entry whose events are available is ${journalStart}: read the state, then follow from there.`,
    { extra: { journalStart } },
  );
}

function closeSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (reply.raw.closed) controller.abort();
  else reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

function startStream(reply: FastifyReply, { from }: EventPosition): void {
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
