import { malformed } from '../codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../codec/codec.ts';

/*
 * A replica in memory as bytes: the length of the header (4, big endian); the header, in MessagePack: [format, name, version,
 * bookkeeping]; and the machine's own snapshot, which is empty where no version is active yet.
 */

const formatVersion = 1;
const prefixBytes = 4;

export interface ReplicaSnapshot {
  readonly name: string;
  /** Null where no version is active yet: the machine is in its initial state. */
  readonly version: number | null;
  readonly bookkeeping: Uint8Array;
  readonly machine: Uint8Array;
}

/** The bytes of a replica. */
export function encodeReplicaSnapshot({ name, version, bookkeeping, machine }: ReplicaSnapshot): Uint8Array {
  const header = encodeValue([formatVersion, name, version, bookkeeping]);
  const bytes = new Uint8Array(prefixBytes + header.length + machine.length);
  new DataView(bytes.buffer).setUint32(0, header.length);
  bytes.set(header, prefixBytes);
  bytes.set(machine, prefixBytes + header.length);
  return bytes;
}

/** Reads what {@link encodeReplicaSnapshot} wrote. The machine's part shares the bytes. Throws `malformed_payload` for other bytes. */
export function decodeReplicaSnapshot(bytes: Uint8Array): ReplicaSnapshot {
  if (bytes.length < prefixBytes) throw notOne();
  const end = prefixBytes + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  if (bytes.length < end) throw notOne();
  const header = decodeValue(bytes.subarray(prefixBytes, end));
  const [format, name, version, bookkeeping] = Array.isArray(header) ? header : [];
  const isOne = format === formatVersion && typeof name === 'string' && (version === null || typeof version === 'number');
  if (!isOne || !(bookkeeping instanceof Uint8Array)) throw notOne();
  return { name, version, bookkeeping, machine: bytes.subarray(end) };
}

function notOne(): Error {
  return malformed('these bytes are no snapshot of a replica of this format');
}
