import { STATUS_CODES } from 'node:http';
import { errorBody } from './error-table.ts';
import type { HttpError } from './http-error.ts';

/** The bytes of an answer to whoever has only a socket; the connection ends with it. */
export function rawAnswer(error: HttpError): string {
  const body = errorBody(error);
  const more = Object.entries(error.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n${more.join('')}Connection: close\r\n\r\n${body}`
  );
}

/**
 * Whether a request on this socket is not answered yet. It may have changed something: no answer to whatever came behind it may look like
 * its own.
 */
export function isAnswering(socket: object): boolean {
  return '_httpMessage' in socket && Boolean(socket._httpMessage);
}
