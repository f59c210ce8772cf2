import { encodeValue } from '@flotilla/state-machine';
import type { ChannelRequest, EventPlace } from '../channel.ts';

/** A field of a frame that is in MessagePack already. */
class Encoded {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** The frame of a request, but for the number of its call. Inputs are not encoded again. */
export function requestFields(request: ChannelRequest, timeoutMs: number): readonly unknown[] {
  switch (request.kind) {
    case 'command': {
      const { kind, name, input, stamp } = request;
      return [kind, name, new Encoded(input), stamp === null ? null : [stamp.session, stamp.sequence, stamp.acknowledged], timeoutMs];
    }
    case 'query': {
      const { kind, name, input, consistency, maxStalenessMs } = request;
      return [kind, name, input === null ? undefined : new Encoded(input), consistency, maxStalenessMs, timeoutMs];
    }
    case 'open-session':
      return [request.kind, request.ttlMs, timeoutMs];
    case 'keep-session':
    case 'close-session':
      return [request.kind, request.session, timeoutMs];
    case 'status':
      return [request.kind];
    case 'members':
      return [request.kind, request.view];
    case 'change-membership':
      return [request.kind, request.change, timeoutMs];
    case 'transfer-leadership':
      return [request.kind, request.target, timeoutMs];
  }
}

export function eventsFields({ from, after }: EventPlace): readonly unknown[] {
  return ['events', from, after === null ? null : [after.index, after.ordinal]];
}

/** A frame of at most 15 fields, the number of the call included. */
export function frameOf(id: number, fields: readonly unknown[]): Uint8Array {
  const parts = [id, ...fields].map((field) => (field instanceof Encoded ? field.bytes : encodeValue(field)));
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  // A short array in MessagePack is its size in one byte, and then its items.
  frame[4] = 0x90 | parts.length;
  let at = 5;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}
