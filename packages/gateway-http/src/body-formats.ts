import { decodeValue, encodeValue, inputDepthMax, inputItemsMax, isMachineError, readUtf8 } from '@flotilla/state-machine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, type HttpError } from './http-error.ts';
import { jsonValue } from './json-value.ts';

const msgpackTypes = ['application/msgpack', 'application/x-msgpack', 'application/vnd.msgpack'];

/** What was sent has more than {@link inputItemsMax} items. */
export function tooManyItems(): HttpError {
  const hint = `Send at most ${inputItemsMax} elements and properties at once: make several calls of it.`;
  return badRequest('invalid_input', 'the input has too many items', hint);
}

const levelsHint = `Arrays, objects, maps and sets nest in at most ${inputDepthMax} levels.`;

/** Makes `server` take JSON and MessagePack bodies and nothing else. An empty body reads as undefined. */
export function addBodyFormats(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  // Objects called `__proto__` are refused, not dropped: what a machine gets is what the client sent.
  const parseJson = server.getDefaultJsonParser('error', 'ignore');
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    const text = readUtf8(body, 0, body.length);
    if (text === null) return done(badRequest('invalid_json', 'the body is not valid UTF-8', 'Send JSON in UTF-8.'));
    void parseJson(request, text, (error, value) => {
      if (error) done(badRequest('invalid_json', `the body is not valid JSON: ${error.message}`, 'Send one JSON value.', error));
      else if (nestsBeyond(value, inputDepthMax)) done(badRequest('invalid_json', 'the body nests too deep', levelsHint));
      else if (itemsOf(value, inputItemsMax) > inputItemsMax) done(tooManyItems());
      else done(null, value);
    });
  });
  server.addContentTypeParser(msgpackTypes, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, decodeValue(body, inputDepthMax, inputItemsMax));
    } catch (error) {
      if (isMachineError(error, 'invalid_input')) return done(tooManyItems());
      const reason = error instanceof Error ? error.message : String(error);
      done(
        badRequest('invalid_msgpack', `the body is not valid MessagePack: ${reason}`, `Send one MessagePack value. ${levelsHint}`, error),
      );
    }
  });
}

/** As in MessagePack, so that whatever walks an input recursively has a bound. */
function nestsBeyond(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => nestsBeyond(item, levels - 1));
}

/** How many items there are, counted up to where they exceed `max`. */
function itemsOf(value: unknown, max: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly unknown[] = Object.values(value);
  let count = items.length;
  for (let at = 0; at < items.length && count <= max; at++) count += itemsOf(items[at], max - count);
  return count;
}

/** An answer as its client accepts it. */
export interface EncodedAnswer {
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** How to write an answer: as MessagePack where the client accepts it by name, otherwise as JSON. */
export function answerEncoder(request: FastifyRequest): (value: object) => EncodedAnswer {
  if (acceptsMsgpack(request)) return (value) => ({ type: 'application/msgpack', body: encodeValue(value, 'machine_defect') });
  return (value) => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(jsonValue(value)) });
}

/** Answers with what {@link answerEncoder} wrote. */
export function sendEncoded(reply: FastifyReply, { type, body }: EncodedAnswer): FastifyReply {
  return reply.header('vary', 'accept').type(type).send(body);
}

/** Answers with a value: as MessagePack where the client accepts it by name, otherwise as JSON. */
export function sendValue(request: FastifyRequest, reply: FastifyReply, value: object): FastifyReply {
  return sendEncoded(reply, answerEncoder(request)(value));
}

function acceptsMsgpack(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '';
  return accept.split(',').some((part) => msgpackTypes.includes(part.split(';', 1)[0]?.trim().toLowerCase() ?? ''));
}
