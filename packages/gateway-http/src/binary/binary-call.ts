import { sessionTtlRange } from '@flotilla/state-machine';
import { z } from 'zod';
import { checkedBody } from '../checked-body.ts';
import type { EventPosition } from '../event-position.ts';
import { badRequest } from '../http-error.ts';
import { type MemberCall, stalenessRange, timeoutRange } from '../member-call.ts';
import { membershipChangeOf } from '../membership-schema.ts';

/** What a frame of a client asks for. */
export type BinaryCall =
  | { readonly kind: 'call'; readonly call: MemberCall; readonly timeoutMs: number | undefined }
  | { readonly kind: 'events'; readonly position: EventPosition | null }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'ping' };

const count = z.int().min(0);
const number = z.int().min(1);
const name = z.string();
const timeoutMs = z.int().min(timeoutRange.min).max(timeoutRange.max);
const staleness = z.int().min(stalenessRange.min).max(stalenessRange.max).nullable();
const stamp = z.tuple([number, number, count]).transform(([session, sequence, acknowledged]) => ({ session, sequence, acknowledged }));

/** For each kind, the fields that follow it in a frame, and what they ask for. */
const forms = {
  command: z
    .tuple([name, z.unknown(), stamp.nullable(), timeoutMs])
    .transform(([type, input, sessionStamp, limit]) => timed({ kind: 'command', name: type, input, stamp: sessionStamp }, limit)),
  query: z
    .tuple([name, z.unknown(), z.enum(['linearizable', 'lease', 'stale']), staleness, timeoutMs])
    .refine(([, , consistency, bound]) => bound === null || consistency === 'stale', 'only a stale read has a bound')
    .transform(([type, input, consistency, bound, limit]) => {
      const freshness = { consistency, ...(bound !== null && { maxStalenessMs: bound }) };
      return timed({ kind: 'query', name: type, input, freshness }, limit);
    }),
  'open-session': z
    .tuple([z.int().min(sessionTtlRange.min).max(sessionTtlRange.max), timeoutMs])
    .transform(([ttlMs, limit]) => timed({ kind: 'open-session', ttlMs }, limit)),
  'keep-session': z.tuple([number, timeoutMs]).transform(([session, limit]) => timed({ kind: 'keep-session', session }, limit)),
  'close-session': z.tuple([number, timeoutMs]).transform(([session, limit]) => timed({ kind: 'close-session', session }, limit)),
  status: z.tuple([]).transform(() => timed({ kind: 'status' })),
  members: z.tuple([z.enum(['any', 'leader'])]).transform(([view]) => timed({ kind: 'members', view })),
  'change-membership': z
    .tuple([z.unknown(), timeoutMs])
    .transform(([change, limit]) => timed({ kind: 'change-membership', change: membershipChangeOf(change) }, limit)),
  'transfer-leadership': z.tuple([number, timeoutMs]).transform(([target, limit]) => timed({ kind: 'transfer-leadership', target }, limit)),
  events: z
    .tuple([count.nullable(), z.tuple([count, count]).nullable()])
    .transform(([from, after]): BinaryCall => ({ kind: 'events', position: positionOf(from, after) })),
  cancel: z.tuple([]).transform((): BinaryCall => ({ kind: 'cancel' })),
  ping: z.tuple([]).transform((): BinaryCall => ({ kind: 'ping' })),
} satisfies Readonly<Record<string, z.ZodType<BinaryCall>>>;

/** Reads what follows the number of a call in its frame. Throws a 400 `invalid_call` for what is none. */
export function binaryCallOf([kind, ...fields]: readonly unknown[]): BinaryCall {
  if (!isKind(kind)) throw badRequest('invalid_call', 'there is no such kind of call', `Kinds: ${Object.keys(forms).join(', ')}.`);
  const form: z.ZodType<BinaryCall> = forms[kind];
  return checkedBody(form, fields, `See the frames of flotilla-binary/1 for the fields of "${kind}".`, 'invalid_call');
}

function isKind(kind: unknown): kind is keyof typeof forms {
  return typeof kind === 'string' && Object.hasOwn(forms, kind);
}

function timed(call: MemberCall, limit?: number): BinaryCall {
  return { kind: 'call', call, timeoutMs: limit };
}

/** The last event that was seen goes before where to begin, as with server-sent events. */
function positionOf(from: number | null, after: readonly [index: number, ordinal: number] | null): EventPosition | null {
  if (after !== null) return { from: after[0], skip: after[1] + 1 };
  return from === null ? null : { from: Math.max(from, 1), skip: 0 };
}
