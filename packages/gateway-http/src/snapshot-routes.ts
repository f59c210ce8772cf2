import { Readable } from 'node:stream';
import { type FlotillaError, isFlotillaError } from '@flotilla/core';
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './app.ts';
import { addBodyFormats, sendValue } from './body-formats.ts';
import { callParameters } from './call-options.ts';
import { badRequest, HttpError } from './http-error.ts';
import { readQueryString } from './query-string.ts';

/**
 * `POST /v1/snapshot`: this member stores its state, so that its log may be compacted. The others are asked for themselves. With
 * `sync=true`, the state has everything that was acknowledged before the call.
 *
 * `GET /v1/snapshot/{id}`: the bytes of a state that this member has stored. The connection breaks where they turn out to be damaged.
 */
export function snapshotRoutes(server: FastifyInstance, { group, callOptions }: RouteContext): void {
  addBodyFormats(server);

  server.post('/v1/snapshot', async (request, reply) => {
    const parameters = readQueryString(request, ['sync', ...callParameters]);
    const options = callOptions(parameters, reply);
    try {
      if (syncParameter(parameters)) await group.sync(options);
      return await sendValue(request, reply, await group.takeSnapshot());
    } catch (error) {
      throw isFlotillaError(error, 'snapshot_no_room') ? withStatus(507, error, { outcome: 'not-applied' }) : error;
    }
  });

  server.get<{ Params: { id: string } }>('/v1/snapshot/:id', { exposeHeadRoute: false }, async (request, reply) => {
    readQueryString(request, []);
    const parts = group.readSnapshot(request.params.id)[Symbol.asyncIterator]();
    try {
      // What is wrong from the start is said with a status, which later is too late.
      const first = await parts.next();
      return reply.type('application/octet-stream').send(Readable.from(all(first, parts), { objectMode: false }));
    } catch (error) {
      if (!isFlotillaError(error, 'snapshot_missing')) throw error;
      // The store's own hint is for a member that needs the snapshot itself.
      const hint = 'Take one with POST /v1/snapshot, and fetch it by the id of the answer: only the newest ones are kept.';
      throw new HttpError(404, error.code, error.message, hint, { cause: error });
    }
  });
}

function syncParameter(parameters: ReadonlyMap<string, string>): boolean {
  const text = parameters.get('sync') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw badRequest('invalid_query', `"${text}" is no value for "sync"`, 'Give "true" or "false".');
}

function withStatus(status: number, error: FlotillaError, extra: Readonly<Record<string, unknown>>): HttpError {
  return new HttpError(status, error.code, error.message, error.hint, { cause: error, extra });
}

async function* all(first: IteratorResult<Uint8Array>, parts: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (let next = first; !next.done; next = await parts.next()) yield next.value;
  } finally {
    await parts.return?.();
  }
}
