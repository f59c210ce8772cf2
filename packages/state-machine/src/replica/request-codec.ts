import { malformed } from '../codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../codec/codec.ts';
import type { GroupRequest, SessionStamp } from './request.ts';

/*
 * A request as bytes: 0xC1; the length of the header (2, big endian); the header, in MessagePack: [format, kind, ...fields]; and the
 * command, where there is one, as `encodeCommand` wrote it. MessagePack never uses 0xC1, so a payload that begins otherwise is a bare
 * command, as logs from before sessions have them.
 */

const marker = 0xc1;
const formatVersion = 1;
const prefixBytes = 3;
const nothing = new Uint8Array(0);

/** The bytes of a request. */
export function encodeRequest(request: GroupRequest): Uint8Array {
  const [fields, command] = partsOf(request);
  const header = encodeValue([formatVersion, request.kind, ...fields]);
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
  const headerLength = (payload[1] ?? 0) * 256 + (payload[2] ?? 0);
  const end = prefixBytes + headerLength;
  if (payload.length < end) throw malformed('a request ends within its header');
  const header = decodeValue(payload.subarray(prefixBytes, end));
  if (!Array.isArray(header) || header[0] !== formatVersion) throw malformed('this is no request of a format that is known here');
  return requestOf(header.slice(1), payload.subarray(end));
}

function requestOf([kind, ...fields]: readonly unknown[], command: Uint8Array): GroupRequest {
  switch (kind) {
    case 'command':
      return { kind, version: fields[0] === null ? null : whole(fields[0]), stamp: stampOf(fields.slice(1)), command };
    case 'open-session':
      return { kind, ttlMs: whole(fields[0]) };
    case 'keep-session':
    case 'close-session':
      return { kind, session: whole(fields[0]) };
    case 'clock':
      return { kind };
    case 'effect-done':
      return { kind, effect: text(fields[0]), command: fields[1] === true ? command : null };
    case 'announce-versions':
      return { kind, member: whole(fields[0]), versions: { oldest: whole(fields[1]), newest: whole(fields[2]) } };
    case 'activate-version':
      return { kind, version: whole(fields[0]), members: wholes(fields[1]) };
    case 'compare-states':
      return { kind, members: wholes(fields[0]) };
    case 'report-digests':
      return { kind, member: whole(fields[0]), round: whole(fields[1]), digests: wholes(fields[2]) };
    default:
      throw malformed('this is a request of a kind that is not known here');
  }
}

function stampOf(fields: readonly unknown[]): SessionStamp | null {
  if (fields.length === 0) return null;
  return { session: whole(fields[0]), sequence: whole(fields[1]), acknowledged: whole(fields[2]) };
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
