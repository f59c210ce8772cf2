import type { Refusal, RejectReason } from '@flotilla/core';
import { protocolError } from '../protocol-error.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

// Layout of an answer: boolean whether it was given | the fields of what was given, or u8 reason of the refusal

/** The bytes of an answer that gives fields of `givenBytes`, or with null refuses. */
export function answerSize(givenBytes: number | null): number {
  return 1 + (givenBytes ?? 1);
}

const codes = { no_leader: 1, leadership_lost: 2, overloaded: 3, storage_full: 4 } as const satisfies Record<RejectReason, number>;
const reasons = new Map<number, RejectReason>((Object.keys(codes) as RejectReason[]).map((reason) => [codes[reason], reason]));

export function writeRefusal(writer: WireWriter, { reason }: Refusal): void {
  writer.boolean(false);
  writer.u8(codes[reason]);
}

/** What was given, as `readGiven` reads it, or the refusal. */
export function readAnswer<T>(reader: WireReader, readGiven: (reader: WireReader) => T): T | Refusal {
  return reader.boolean() ? readGiven(reader) : { reason: readReason(reader.u8()) };
}

function readReason(code: number): RejectReason {
  const reason = reasons.get(code);
  if (reason === undefined) throw protocolError(`there is no reason ${code} to refuse`);
  return reason;
}
