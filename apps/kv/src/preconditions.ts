import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '@flotilla/gateway-http';

/**
 * The revision that a request expects, from `If-Match: "<revision>"` or `If-None-Match: *` (RFC 9110, section 13.1);
 * undefined where it expects nothing. 0 means that the key must not exist. Quotes may be left out.
 */
export function expectedRevisionOf(headers: IncomingHttpHeaders): number | undefined {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined && noneMatch !== undefined)
    throw badRequest('invalid_header', 'If-Match and If-None-Match exclude each other', 'Send one of them.');
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== '*')
      throw badRequest(
        'invalid_header',
        `If-None-Match: ${noneMatch} is not understood`,
        'Send "*", which means that the key must not exist.',
      );
    return 0;
  }
  if (match === undefined) return undefined;
  const [, quoted, plain] = /^\s*(?:"(\d{1,15})"|(\d{1,15}))\s*$/.exec(match) ?? [];
  const revision = quoted ?? plain;
  if (revision === undefined)
    throw badRequest(
      'invalid_header',
      `If-Match: ${match} is no revision`,
      'Send the revision of the last answer, such as "12", or 0 if the key must not exist.',
    );
  return Number(revision);
}
