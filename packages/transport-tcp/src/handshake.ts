import type { MemberId } from '@flotilla/core';
import { framePrefixBytes, protocolError, WireReader, WireWriter } from '@flotilla/transport';
import { type RefusalReason, refusalCodes, refusalReasonOf } from './refusal-reason.ts';

// Frames of the handshake: u32 length | "FLOT" | u8 kind | u8 protocol version | fields
//   hello    u32 sender | u32 receiver | u32 length of cluster id | cluster id (UTF-8)
//   welcome  nothing
//   refused  u8 reason
// The part up to the version, and all of a refusal, stay as they are in every version to come.

/** Changes when members of different versions can no longer understand each other's frames. */
export const protocolVersion = 1;

/** The largest frame of a handshake: more than a hello with the longest cluster id. */
export const handshakeBytesMax = 512;

const magic = Buffer.from('FLOT', 'latin1');
const headerBytes = magic.length + 2;
const codes = { hello: 1, welcome: 2, refused: 3 } as const;

/** How the side that connects introduces itself, and whom it believes to have reached. */
export interface Hello {
  readonly sender: MemberId;
  readonly receiver: MemberId;
  readonly clusterId: string;
}

/** A hello of our version, or the version of one that we cannot read. */
export type Greeting = { readonly kind: 'hello'; readonly hello: Hello } | { readonly kind: 'other-version'; readonly version: number };

export type Answer = { readonly kind: 'welcome' } | { readonly kind: 'refused'; readonly reason: RefusalReason };

export function encodeHello({ sender, receiver, clusterId }: Hello): Uint8Array {
  const cluster = Buffer.from(clusterId);
  return encode(codes.hello, 4 + 4 + 4 + cluster.length, (writer) => {
    writer.u32(sender);
    writer.u32(receiver);
    writer.sizedBytes(cluster);
  });
}

export function encodeAnswer(answer: Answer): Uint8Array {
  switch (answer.kind) {
    case 'welcome':
      return encode(codes.welcome, 0, () => {});
    case 'refused':
      return encode(codes.refused, 1, (writer) => writer.u8(refusalCodes[answer.reason]));
  }
}

/** The first frame of an inbound connection. Throws `protocol_error`. */
export function decodeGreeting(frame: Uint8Array): Greeting {
  const { reader, code, version } = open(frame);
  if (code !== codes.hello) throw protocolError(`the first frame is of kind ${code} instead of a hello`);
  if (version !== protocolVersion) return { kind: 'other-version', version };
  const hello: Hello = { sender: reader.u32(), receiver: reader.u32(), clusterId: reader.text() };
  reader.end();
  return { kind: 'hello', hello };
}

/** The first frame that comes back on an outbound connection. Throws `protocol_error`. */
export function decodeAnswer(frame: Uint8Array): Answer {
  const { reader, code, version } = open(frame);
  if (code === codes.refused) {
    const reasonCode = reader.u8();
    const reason = refusalReasonOf(reasonCode);
    if (reason === undefined) throw protocolError(`refused for the unknown reason ${reasonCode}`);
    reader.end();
    return { kind: 'refused', reason };
  }
  if (code !== codes.welcome) throw protocolError(`a hello was answered with a frame of kind ${code}`);
  if (version !== protocolVersion) throw protocolError(`welcomed in version ${version} of the protocol instead of ${protocolVersion}`);
  reader.end();
  return { kind: 'welcome' };
}

function encode(code: number, fieldBytes: number, writeFields: (writer: WireWriter) => void): Uint8Array {
  const bytes = Buffer.allocUnsafe(framePrefixBytes + headerBytes + fieldBytes);
  const writer = new WireWriter(bytes);
  writer.u32(headerBytes + fieldBytes);
  writer.rawBytes(magic);
  writer.u8(code);
  writer.u8(protocolVersion);
  writeFields(writer);
  return bytes;
}

function open(frame: Uint8Array): { reader: WireReader; code: number; version: number } {
  const reader = new WireReader(frame);
  reader.u32();
  if (!magic.equals(reader.rawBytes(magic.length))) throw protocolError('the first frame is not one of Flotilla');
  return { reader, code: reader.u8(), version: reader.u8() };
}
