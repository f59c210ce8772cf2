import { sessionTtlRange } from '@flotilla/state-machine';
import { z } from 'zod';
import { checkedBody } from './checked-body.ts';

const session = z.strictObject({ ttlMs: z.int().min(sessionTtlRange.min).max(sessionTtlRange.max) });

/** The body of `POST /v1/sessions`. Throws a 400 `invalid_input` that names what is wrong with it. */
export function sessionOf(body: unknown): z.output<typeof session> {
  const { min, max } = sessionTtlRange;
  return checkedBody(session, body, `Send {"ttlMs": milliseconds}, from ${min} to ${max}.`);
}
