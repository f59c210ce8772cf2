import { ByteReader, malformed } from '../codec/byte-reader.ts';
import { encodeValue } from '../codec/codec.ts';
import { readValue } from '../codec/read-value.ts';
import type { GroupRequest, SessionStamp } from './request.ts';

/*
 * A request as bytes: 0xC1; the length of the header (2, big endian); the header, in MessagePack: [format, kind, ...fields], where the
 * kind is its position in `kinds`; and the command, where there is one, as `encodeCommand` wrote it. MessagePack never uses 0xC1, so a
 * payload that begins otherwise is a bare command, which has no session and does not say its version.
 */

const marker = 0xc1;
const formatVersion = 1;
const prefixBytes = 3;
/** In the order of their numbers. */
const kinds = [
  'command',
  'open-session',
  'keep-session',
  'close-session',
  'clock',
  'effect-done',
  'announce-versions',
  'activate-version',
  'compare-states',
  'report-digests',
] as const satisfies readonly GroupRequest['kind'][];

const nothing = new Uint8Array(0);

/** The bytes of a request. */
export function encodeRequest(request: GroupRequest): Uint8Array {
  const [fields, command] = partsOf(request);
  const header = encodeValue([formatVersion, kinds.indexOf(request.kind), ...fields]);
  const bytes = new Uint8Array(prefixBytes + header.length + command.length);
  bytes.set([marker, header.length >>> 8, header.length & 0xff]);
  bytes.set(header, prefixBytes);
  bytes.set(command, prefixBytes + header.length);
  return bytes;
}

function partsOf(request: GroupRequest): readonly [fields: readonly unknown[], command: Uint8Array] {
  switch (request.kind) {
    case 'command': {
      const { version, stamp, command } = request;
      return [[version, ...(stamp === null ? [] : [stamp.session, stamp.sequence, stamp.acknowledged])], command];
    }
    case 'open-session':
      return [[request.ttlMs], nothing];
    case 'keep-session':
    case 'close-session':
      return [[request.session], nothing];
    case 'clock':
      return [[], nothing];
    case 'effect-done':
      return [[request.effect, request.command !== null], request.command ?? nothing];
    case 'announce-versions':
      return [[request.member, request.versions.oldest, request.versions.newest], nothing];
    case 'activate-version':
      return [[request.version, request.members], nothing];
    case 'compare-states':
      return [[request.members], nothing];
    case 'report-digests':
      return [[request.member, request.round, request.digests], nothing];
  }
}

/** Reads what {@link encodeRequest} wrote, or a bare command. A command shares the bytes. Throws `malformed_payload` for other bytes. */
export function decodeRequest(payload: Uint8Array): GroupRequest {
  if (payload[0] !== marker) return { kind: 'command', version: null, stamp: null, command: payload };
  // In place: a view of the header would cost more than to read it.
  const reader = new ByteReader(payload);
  reader.uint8();
  const end = prefixBytes + reader.uint8() * 256 + reader.uint8();
  const header = readValue(reader);
  if (reader.position !== end) throw malformed('a request has a header of another length than it says');
  if (!Array.isArray(header) || header[0] !== formatVersion) throw malformed('this is no request of a format that is known here');
  return requestOf(header, payload.subarray(end));
}

/** The fields of a header begin behind its format and its kind. */
function requestOf(header: readonly unknown[], command: Uint8Array): GroupRequest {
  const kind = typeof header[1] === 'number' ? kinds[header[1]] : undefined;
  switch (kind) {
    case 'command':
      return { kind, version: header[2] === null ? null : whole(header[2]), stamp: header.length > 3 ? stampOf(header) : null, command };
    case 'open-session':
      return { kind, ttlMs: whole(header[2]) };
    case 'keep-session':
    case 'close-session':
      return { kind, session: whole(header[2]) };
    case 'clock':
      return { kind };
    case 'effect-done':
      return { kind, effect: text(header[2]), command: header[3] === true ? command : null };
    case 'announce-versions':
      return { kind, member: whole(header[2]), versions: { oldest: whole(header[3]), newest: whole(header[4]) } };
    case 'activate-version':
      return { kind, version: whole(header[2]), members: wholes(header[3]) };
    case 'compare-states':
      return { kind, members: wholes(header[2]) };
    case 'report-digests':
      return { kind, member: whole(header[2]), round: whole(header[3]), digests: wholes(header[4]) };
    case undefined:
      throw malformed('this is a request of a kind that is not known here');
  }
}

function stampOf(header: readonly unknown[]): SessionStamp {
  return { session: whole(header[3]), sequence: whole(header[4]), acknowledged: whole(header[5]) };
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed('a request lacks a whole number');
  return value;
}

function wholes(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw malformed('a request lacks a list of whole numbers');
  return value.map(whole);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw malformed('a request lacks a text');
  return value;
}
