import {
  callParameters,
  consistencyOptions,
  consistencyParameters,
  HttpError,
  httpErrorOf,
  integerParameter,
  jsonBytes,
  type RouteContext,
  readQueryString,
  rejectionError,
} from '@flotilla/gateway-http';
import type { Applied, Group, QueryOptions } from '@flotilla/runtime';
import type { CommandReply, QueryAnswer } from '@flotilla/state-machine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listLimitMax, valueBytesMax } from './limits.ts';
import type { kv } from './machine.ts';
import { expectedRevisionOf } from './preconditions.ts';
import { keyPath, requestKey, valueTooLarge } from './request-key.ts';

type Kv = typeof kv;

/** The HTTP status of the machine's rejections. */
export const rejectionStatus = { revision_mismatch: 412 } as const;

/** `PUT`, `GET`, `HEAD` and `DELETE /v1/kv/<key>` with raw values, and `GET /v1/kv` for listings. */
export function kvRoutes(server: FastifyInstance, { group, callOptions }: RouteContext): void {
  takeAnyBody(server);

  const readOptions = (request: FastifyRequest, reply: FastifyReply, more: readonly string[] = []) => {
    const parameters = readQueryString(request, [...callParameters, ...consistencyParameters, ...more]);
    return { parameters, options: { ...callOptions(parameters, reply), ...consistencyOptions(parameters) } };
  };

  const change = (type: 'put' | 'delete') => async (request: FastifyRequest, reply: FastifyReply) => {
    const parameters = readQueryString(request, callParameters);
    const key = requestKey(request.raw.url ?? '');
    const expectedRevision = expectedRevisionOf(request.headers);
    const input = {
      key,
      ...(type === 'put' ? { value: request.body ?? new Uint8Array() } : {}),
      ...(expectedRevision === undefined ? {} : { expectedRevision }),
    };
    const applied = await group.execute({ type, input }, callOptions(parameters, reply));
    return sendChange(reply, key, applied);
  };

  server.put(`${keyPath}*`, { bodyLimit: valueBytesMax, errorHandler: sendValueTooLarge }, change('put'));
  server.delete(`${keyPath}*`, { bodyLimit: valueBytesMax }, change('delete'));

  server.get(`${keyPath}*`, async (request, reply) => {
    const { options } = readOptions(request, reply);
    return sendEntry(reply, group, requestKey(request.raw.url ?? ''), options);
  });

  server.get('/v1/kv', async (request, reply) => {
    const { parameters, options } = readOptions(request, reply, ['prefix', 'after', 'limit']);
    const limit = integerParameter(parameters, 'limit', { min: 1, max: listLimitMax });
    return sendPage(reply, group, { prefix: parameters.get('prefix'), after: parameters.get('after'), limit }, options);
  });
}

/** A value is whatever bytes the body has; its content type says nothing to this store. */
function takeAnyBody(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream';
  });
}

function sendValueTooLarge(error: Error & { readonly code?: string }): never {
  throw error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? valueTooLarge() : httpErrorOf(error);
}

function sendChange(reply: FastifyReply, key: string, applied: Applied): FastifyReply {
  const { outcome } = applied;
  if (outcome.kind === 'rejected') {
    const error = rejectionError(applied, outcome, rejectionStatus);
    const revision = (outcome.details as { readonly revision?: number } | undefined)?.revision ?? 0;
    throw withRevision(error, key, revision);
  }
  // The machine made the reply, so it has the machine's type.
  const accepted = outcome.reply as CommandReply<Kv, 'put'> | CommandReply<Kv, 'delete'>;
  return revisionHeaders(reply, accepted.revision).send(accepted);
}

async function sendEntry(reply: FastifyReply, group: Group, key: string, options: QueryOptions): Promise<FastifyReply> {
  const { index, result } = await group.query('get', { key }, options);
  const entry = result as QueryAnswer<Kv, 'get'>;
  if (entry === null)
    throw withRevision(new HttpError(404, 'key_not_found', 'the key does not exist', 'The revision says when that was so.'), key, index);
  return revisionHeaders(reply, entry.revision).type('application/octet-stream').send(entry.value);
}

interface PageRequest {
  readonly prefix: string | undefined;
  readonly after: string | undefined;
  readonly limit: number | undefined;
}

async function sendPage(reply: FastifyReply, group: Group, page: PageRequest, options: QueryOptions): Promise<FastifyReply> {
  const { index, result } = await group.query('list', page, options);
  const { entries, next } = result as QueryAnswer<Kv, 'list'>;
  const shown = entries.map(({ key, revision, value }) => ({ key, revision, value: jsonBytes(value) }));
  return revisionHeaders(reply, index).send({ revision: index, entries: shown, next });
}

function revisionHeaders(reply: FastifyReply, revision: number): FastifyReply {
  return reply.headers({ etag: `"${revision}"`, 'flotilla-revision': String(revision) });
}

function withRevision(error: HttpError, key: string, revision: number): HttpError {
  return new HttpError(error.status, error.code, error.message, error.hint, {
    extra: { ...error.extra, key, revision },
    headers: { ...error.headers, etag: `"${revision}"`, 'flotilla-revision': String(revision) },
  });
}
