import { decodeValue, encodeValue } from '@flotilla/state-machine';
import { errorContent, httpErrorOf, showing } from '../error-table.ts';

/** The number of a frame that belongs to no call. */
export const noCall = 0;

/** A value as a frame: its length in 4 bytes, big-endian, and then the value in MessagePack. */
export function frameOf(value: readonly unknown[]): Uint8Array {
  const body = encodeValue(value, 'machine_defect');
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

/** The answer to a call that failed, with what HTTP says in its status and its body. */
export function errorFrame(id: number, error: unknown): Uint8Array {
  return showing(httpErrorOf(error), (shown) => frameOf([id, 'error', { status: shown.status, ...errorContent(shown) }]));
}

/** Whether a value is the number of a call. */
export function isCallId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

// How many bytes a MessagePack integer takes, by its first one; those that are not listed take one.
const integerBytes: Readonly<Record<number, number>> = { 204: 2, 205: 3, 206: 5, 207: 9 };

/** The number of a call whose frame cannot be read as a whole, so that this call fails alone; null where that cannot be read either. */
export function callIdOf(frame: Uint8Array): number | null {
  const first = frame[0] ?? 0;
  const start = first >= 0x90 && first < 0xa0 ? 1 : first === 0xdc ? 3 : first === 0xdd ? 5 : frame.length;
  const end = start + (integerBytes[frame[start] ?? 0] ?? 1);
  try {
    const id = decodeValue(frame.subarray(start, end));
    return isCallId(id) ? id : null;
  } catch {
    return null;
  }
}
