import type { Command, MachineEvent } from '../contract.ts';
import { MachineError, type MachineErrorCode } from '../machine-error.ts';
import { ByteReader, malformed } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { codecLimits, depthMax, type EncodingLimits, Unencodable } from './format.ts';
import { readValue } from './read-value.ts';
import { writeValue } from './write-value.ts';

// The first element of every message, so that a later format can be told from this one.
const formatVersion = 1;

// A writer and its room are used again for the next message: making room anew costs more than writing a short one.
const roomBytes = 16_384;
let spareWriter: ByteWriter | null = null;

/**
 * Writes a value as MessagePack. Equal values built in the same order give equal bytes, on every platform. Carries
 * primitives, bigint, plain objects, arrays, `Uint8Array`, `Map`, `Set` and `Date`; throws a `MachineError` with `code` for
 * anything else, and for what exceeds the limits.
 */
export function encodeValue(value: unknown, code: MachineErrorCode = 'invalid_input', limits: EncodingLimits = codecLimits): Uint8Array {
  return encode(value, code, limits, limits);
}

/** What is around a value takes a level, and items, that its limits do not count. */
function encodeMessage(parts: readonly unknown[], code: MachineErrorCode, limits: EncodingLimits): Uint8Array {
  const levels = Math.min(limits.depthMax + 1, depthMax);
  return encode(parts, code, limits, { ...limits, depthMax: levels, itemsMax: limits.itemsMax + parts.length });
}

/** `limits` are what an error speaks of, `room` is what there is for `value` with all that is around it. */
function encode(value: unknown, code: MachineErrorCode, limits: EncodingLimits, room: EncodingLimits): Uint8Array {
  const writer = spareWriter ?? new ByteWriter(new Uint8Array(roomBytes));
  // Nobody else gets it meanwhile: a getter in the value may encode something itself.
  spareWriter = null;
  writer.begin(room.bytesMax, room.itemsMax);
  try {
    writeValue(writer, value, room.depthMax);
  } catch (error) {
    if (!(error instanceof Unencodable)) throw error;
    const plain = `Use plain data: objects, arrays, maps, sets, bytes, dates and primitives, in at most ${limits.depthMax} levels.`;
    const hint = Number.isFinite(limits.itemsMax) ? `${plain} Send what has more than ${limits.itemsMax} items in several parts.` : plain;
    throw new MachineError(code, error.message, hint, { issues: code === 'invalid_input' ? [{ path: '', message: error.message }] : [] });
  } finally {
    if (writer.room.length === roomBytes) spareWriter = writer;
  }
  return writer.toBytes();
}

/**
 * Reads what {@link encodeValue} wrote, or what another MessagePack writer did. Throws `malformed_payload` for other bytes, and for what
 * nests deeper than `levels`, and `invalid_input` for what has more items than `itemsMax`.
 */
export function decodeValue(bytes: Uint8Array, levels = depthMax, itemsMax = Number.POSITIVE_INFINITY): unknown {
  const reader = new ByteReader(bytes, itemsMax);
  const value = readValue(reader, depthMax - levels);
  if (reader.remaining > 0) throw malformed('there are bytes after the end of the value');
  return value;
}

/** Throws a `MachineError` with `code` for an input that the codec does not carry, or that exceeds the limits. */
export function encodeCommand({ type, input }: Command, code: MachineErrorCode = 'invalid_input', limits = codecLimits): Uint8Array {
  return encodeMessage([formatVersion, type, input], code, limits);
}

/** Throws a `MachineError` with code `malformed_payload` for bytes that are no command. */
export function decodeCommand(payload: Uint8Array): Command {
  const parts = decodeMessage(payload, 'a command');
  const [type, input] = parts;
  if (typeof type !== 'string' || parts.length !== 2) throw malformed('these bytes are no command');
  return { type, input };
}

/** Events, and which version of the machine caused them. */
export interface VersionedEvents {
  readonly version: number;
  readonly events: readonly MachineEvent[];
}

/** Throws a `MachineError` with code `machine_defect` for data that the codec does not carry, or that exceeds the limits. */
export function encodeEvents({ version, events }: VersionedEvents, limits = codecLimits): Uint8Array {
  const message: unknown[] = [formatVersion, version];
  for (const { type, data } of events) message.push(type, data);
  return encodeMessage(message, 'machine_defect', limits);
}

/** Throws a `MachineError` with code `machine_defect` for a reply that the codec does not carry, or that exceeds the limits. */
export function encodeReply(reply: unknown, limits = codecLimits): Uint8Array {
  return encodeMessage([reply], 'machine_defect', limits);
}

/** Throws a `MachineError` with code `malformed_payload` for bytes that are no events. */
export function decodeEvents(bytes: Uint8Array): VersionedEvents {
  const [version, ...parts] = decodeMessage(bytes, 'events');
  if (typeof version !== 'number') throw malformed('these bytes are no events');
  const events: MachineEvent[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const type = parts[at];
    if (typeof type !== 'string' || at + 1 === parts.length) throw malformed('these bytes are no events');
    events.push({ type, data: parts[at + 1] });
  }
  return { version, events };
}

export interface SnapshotContent {
  readonly name: string;
  readonly version: number;
  readonly state: unknown;
}

/** Throws a `MachineError` with code `machine_defect` for a state that the codec does not carry. */
export function encodeSnapshot({ name, version, state }: SnapshotContent): Uint8Array {
  return encodeValue([formatVersion, name, version, state], 'machine_defect');
}

/** Throws a `MachineError` with code `malformed_payload` for bytes that are no snapshot. */
export function decodeSnapshot(snapshot: Uint8Array): SnapshotContent {
  const parts = decodeMessage(snapshot, 'a snapshot');
  const [name, version, state] = parts;
  if (typeof name !== 'string' || typeof version !== 'number' || parts.length !== 3) throw malformed('these bytes are no snapshot');
  return { name, version, state };
}

function decodeMessage(bytes: Uint8Array, what: string): readonly unknown[] {
  const message = decodeValue(bytes);
  if (!Array.isArray(message)) throw malformed(`these bytes are not ${what}`);
  const version: unknown = message[0];
  // Anything may stand in that place, also an object that cannot be made a text.
  const format = typeof version === 'number' ? version : 'unknown';
  if (version !== formatVersion) throw malformed(`${what} of format ${format} cannot be read; this is format ${formatVersion}`);
  return message.slice(1);
}
