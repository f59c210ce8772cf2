import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { errorBody, httpErrorOf } from './error-table.ts';
import { badRequest, HttpError, unavailable } from './http-error.ts';
import { isAnswering, rawAnswer } from './raw-answer.ts';

/** Hears of every error that is this member's fault and not the client's. */
export type ReportError = (error: unknown, request: { readonly method: string; readonly url: string }) => void;

export interface ServerOptions {
  /** The largest body that is read at all. */
  readonly bodyBytesMax: number;
  readonly reportError: ReportError;
  readonly isClosing: () => boolean;
}

/** A Fastify server without routes that answers every error in the form of this gateway. */
export function createServer({ bodyBytesMax, reportError, isClosing }: ServerOptions): FastifyInstance {
  const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const httpError = httpErrorOf(error);
    if (httpError.status === 500) reportError(error, { method: request.method, url: request.url });
    void reply.code(httpError.status).headers(httpError.headers).type('application/json').send(errorBody(httpError));
  };
  const server = fastify({
    bodyLimit: bodyBytesMax,
    // This gateway refuses by itself, in its own form.
    return503OnClosing: false,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: sendError,
    clientErrorHandler: answerClientError,
  });
  server.setErrorHandler(sendError);
  server.setNotFoundHandler(async (): Promise<never> => {
    throw new HttpError(404, 'not_found', 'there is nothing at this path', 'See the documentation of the HTTP API for its paths.');
  });
  server.addHook('onRequest', async (request) => {
    // Health and readiness are still worth an answer.
    if (isClosing() && !request.url.startsWith('/v1/health') && !request.url.startsWith('/v1/ready'))
      throw unavailable('closing', 'this member is stopping', 'Use another member.');
  });
  return server;
}

/** For what is not even HTTP: there is no request and no reply, only the socket. */
function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) socket.destroy();
  else socket.end(rawAnswer(clientError(error.code)));
}

function clientError(code: string | undefined): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError(431, 'headers_too_large', 'the headers are too large', 'Send fewer or shorter ones.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpError(408, 'request_timeout', 'the request took too long to arrive', 'Send it faster.');
    default:
      return badRequest('bad_request', 'this is not valid HTTP', 'Speak HTTP/1.1.');
  }
}
