import { Readable } from 'node:stream';
import type { Group } from '@flotilla/runtime';
import type { FastifyInstance } from 'fastify';
import { readQueryString } from './query-string.ts';

/** `GET /v1/snapshot/{id}`: the bytes of a snapshot that this member has. The connection breaks where they turn out to be damaged. */
export function snapshotDownload(server: FastifyInstance, group: Group): void {
  server.get<{ Params: { id: string } }>('/v1/snapshot/:id', { exposeHeadRoute: false }, async (request, reply) => {
    readQueryString(request, []);
    const parts = group.readSnapshot(request.params.id)[Symbol.asyncIterator]();
    // What is wrong from the start is said with a status, which later is too late.
    const first = await parts.next();
    return reply.type('application/octet-stream').send(Readable.from(rest(first, parts), { objectMode: false, highWaterMark: 1 }));
  });
}

async function* rest(first: IteratorResult<Uint8Array>, parts: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    for (let next = first; !next.done; next = await parts.next()) yield next.value;
  } finally {
    await parts.return?.();
  }
}
