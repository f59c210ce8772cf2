import type { MemberId } from '@flotilla/core';
import { framePrefixBytes, protocolError, WireReader, WireWriter } from '@flotilla/transport';
import { readIncarnation } from './incarnation.ts';
import { explainsItself, type Refusal, refusalCodes, refusalFor, refusalReasonOf } from './refusal-reason.ts';

// Frames of the handshake: u32 length | "FLOT" | u8 kind | u8 protocol version | fields
//   hello    u32 sender | u32 receiver | text cluster id | text incarnation | text address of the sender
//   welcome  text incarnation
//   refused  u8 reason | unless the reason says it all: text explanation | where one is remembered: text incarnation
// A text: u32 length in bytes | UTF-8
// The part up to the version, and all of a refusal, stay as they are in every version to come.
// The side that connects then confirms by a ping, or declines (see `control-frame.ts`).

/**
 * Changes when members of different versions can no longer understand each other's frames: with the layout of any frame, and of any
 * message in one. In version 2, parts of snapshots had no checksum, snapshots no machine, and answers to heartbeats no `loyalMs`.
 */
export const protocolVersion = 3;

/** The largest frame of a handshake: more than a hello with the longest cluster id, incarnation and address. */
export const handshakeBytesMax = 1_024;

const magic = Buffer.from('FLOT', 'latin1');
const headerBytes = magic.length + 2;
const codes = { hello: 1, welcome: 2, refused: 3 } as const;

/** How the side that connects introduces itself, and whom it believes to have reached. */
export interface Hello {
  readonly sender: MemberId;
  readonly receiver: MemberId;
  readonly clusterId: string;
  /** Tells the sender's data directory from any other that it ever had. */
  readonly incarnation: string;
  /** Where the sender is reached by one who does not know it yet: `host:port`. */
  readonly address: string;
}

/** A hello of our version, or the version of one that we cannot read. */
export type Greeting = { readonly kind: 'hello'; readonly hello: Hello } | { readonly kind: 'other-version'; readonly version: number };

export type Answer = { readonly kind: 'welcome'; readonly incarnation: string } | { readonly kind: 'refused'; readonly refusal: Refusal };

export function encodeHello({ sender, receiver, clusterId, incarnation, address }: Hello): Uint8Array {
  const texts = [clusterId, incarnation, address].map((text) => Buffer.from(text));
  const textBytes = texts.reduce((sum, { length }) => sum + 4 + length, 0);
  return encode(codes.hello, 4 + 4 + textBytes, (writer) => {
    writer.u32(sender);
    writer.u32(receiver);
    for (const text of texts) writer.sizedBytes(text);
  });
}

export function encodeAnswer(answer: Answer): Uint8Array {
  switch (answer.kind) {
    case 'welcome': {
      const incarnation = Buffer.from(answer.incarnation);
      return encode(codes.welcome, 4 + incarnation.length, (writer) => writer.sizedBytes(incarnation));
    }
    case 'refused': {
      const { refusal } = answer;
      const { reason, explanation, seen } = refusal;
      const texts = (seen !== null ? [explanation, seen] : explainsItself(refusal) ? [] : [explanation]).map((text) => Buffer.from(text));
      const textBytes = texts.reduce((sum, { length }) => sum + 4 + length, 0);
      return encode(codes.refused, 1 + textBytes, (writer) => {
        writer.u8(refusalCodes[reason]);
        for (const text of texts) writer.sizedBytes(text);
      });
    }
  }
}

/** The first frame of an inbound connection. Throws `protocol_error`. */
export function decodeGreeting(frame: Uint8Array): Greeting {
  const { reader, code, version } = open(frame);
  if (code !== codes.hello) throw protocolError(`the first frame is of kind ${code} instead of a hello`);
  if (version !== protocolVersion) return { kind: 'other-version', version };
  const hello: Hello = {
    sender: reader.u32(),
    receiver: reader.u32(),
    clusterId: reader.text(),
    incarnation: readIncarnation(reader),
    address: reader.text(),
  };
  reader.end();
  if (hello.sender === 0) throw protocolError('member 0 does not exist');
  return { kind: 'hello', hello };
}

/** The first frame that comes back on an outbound connection. Throws `protocol_error`. */
export function decodeAnswer(frame: Uint8Array): Answer {
  const { reader, code, version } = open(frame);
  if (code === codes.refused) return { kind: 'refused', refusal: readRefusal(reader) };
  if (code !== codes.welcome) throw protocolError(`a hello was answered with a frame of kind ${code}`);
  if (version !== protocolVersion) throw protocolError(`welcomed in version ${version} of the protocol instead of ${protocolVersion}`);
  const incarnation = readIncarnation(reader);
  reader.end();
  return { kind: 'welcome', incarnation };
}

function readRefusal(reader: WireReader): Refusal {
  const code = reader.u8();
  const reason = refusalReasonOf(code);
  if (reason === undefined) throw protocolError(`refused for the unknown reason ${code}`);
  const explanation = reader.remaining === 0 ? undefined : reader.text();
  const seen = reader.remaining === 0 ? null : readIncarnation(reader);
  reader.end();
  return refusalFor(reason, explanation, seen);
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
