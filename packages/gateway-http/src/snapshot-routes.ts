import { isFlotillaError } from '@flotilla/core';
import type { FastifyInstance } from 'fastify';
import type { RouteContext } from './app.ts';
import { addBodyFormats, sendValue } from './body-formats.ts';
import { HttpError } from './http-error.ts';
import { readQueryString } from './query-string.ts';

/** `POST /v1/snapshot`: this member stores its state, so that its log may be compacted. The others are asked for themselves. */
export function snapshotRoutes(server: FastifyInstance, { group }: RouteContext): void {
  addBodyFormats(server);

  server.post('/v1/snapshot', async (request, reply) => {
    readQueryString(request, []);
    try {
      const { index, size, id } = await group.takeSnapshot();
      return sendValue(request, reply, { index, size, id });
    } catch (error) {
      if (!isFlotillaError(error, 'snapshot_no_room')) throw error;
      throw new HttpError(507, error.code, error.message, error.hint, { cause: error, extra: { outcome: 'not-applied' } });
    }
  });
}
