import { FlotillaError, type Message } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import type { GroupMessage } from '../transport.ts';
import type { MessageCodec } from './message-codec.ts';
import { messageCodecs } from './message-codecs.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

// A frame: u32 length of what follows | u32 group | u8 kind | fields of that kind. All numbers are little-endian.
// Group 0 is no group: a transport may use it for frames of its own.

/** The bytes of a frame's length field, which counts what follows it. */
export const framePrefixBytes = 4;

const headerBytes = framePrefixBytes + 4 + 1;

const codecsByCode: readonly (MessageCodec<Message> | undefined)[] = tableByCode();

/** The bytes that {@link encodeFrame} makes of a message, its length field included. */
export function frameSize({ message }: GroupMessage): number {
  return headerBytes + codecOf(message.kind).size(message);
}

/** The bytes that {@link encodeFrames} makes of a batch. */
export function framesSize(messages: readonly GroupMessage[]): number {
  let size = 0;
  for (const message of messages) size += frameSize(message);
  return size;
}

/** A message as one frame. Throws `invariant_violated` for a number that is not a safe non-negative integer. */
export function encodeFrame(message: GroupMessage): Uint8Array {
  return encodeFrames([message]);
}

/**
 * A batch as one buffer, frame behind frame: one allocation, and each payload is copied once. Callers who measured the
 * batch already pass its `size`.
 */
export function encodeFrames(messages: readonly GroupMessage[], size: number = framesSize(messages)): Uint8Array {
  // Unsafe means not zeroed first: every byte is written below.
  const bytes = Buffer.allocUnsafe(size);
  const writer = new WireWriter(bytes);
  for (const message of messages) writeFrame(writer, message);
  return bytes;
}

/**
 * The message of one whole frame, as {@link FrameReader} yields it. Payloads are views of `frame`.
 *
 * Throws nothing but a `TransportError` with code `protocol_error`, whatever the bytes are.
 */
export function decodeFrame(frame: Uint8Array): GroupMessage {
  const reader = new WireReader(frame);
  const length = reader.u32();
  if (length !== reader.remaining) throw protocolError(`a frame says ${length} bytes and has ${reader.remaining}`);
  const group = reader.u32();
  if (group === 0) throw protocolError('group 0 does not exist');
  const code = reader.u8();
  const codec = codecsByCode[code];
  if (codec === undefined) throw protocolError(`there is no message kind ${code}`);
  const message = codec.read(reader);
  reader.end();
  return { group, message };
}

function writeFrame(writer: WireWriter, { group, message }: GroupMessage): void {
  if (group === 0) throw new FlotillaError('invariant_violated', 'group 0 does not exist', 'Groups are numbered from 1.');
  const codec = codecOf(message.kind);
  // Measured again rather than kept from the first pass: sizes of a few fields are cheaper than a list of them.
  writer.u32(headerBytes - framePrefixBytes + codec.size(message));
  writer.u32(group);
  writer.u8(codec.code);
  codec.write(writer, message);
}

/** The table proves that each kind has a codec of its own; that a message meets the codec of its kind holds by lookup. */
function codecOf(kind: Message['kind']): MessageCodec<Message> {
  return messageCodecs[kind] as unknown as MessageCodec<Message>;
}

function tableByCode(): (MessageCodec<Message> | undefined)[] {
  const table: (MessageCodec<Message> | undefined)[] = new Array(256).fill(undefined);
  for (const kind of Object.keys(messageCodecs) as Message['kind'][]) table[codecOf(kind).code] = codecOf(kind);
  return table;
}
