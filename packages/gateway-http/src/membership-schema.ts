import { z } from 'zod';
import { checkedBody } from './checked-body.ts';

/** The most members that one change may add; the next ones go into a change of their own. */
const additionsMax = 16;

/** The most members that one change may remove or promote. */
const idsMax = 64;

const addressBytesMax = 261;

/** Addresses on which a process may listen, and at which nobody else can reach it. */
const wildcards = /^(?:0\.0\.0\.0|\[::\]|\[0*(?::0*)+\]|\*):/;

const addressForm = /^(?:\[[\da-fA-F:.]+\]|[A-Za-z\d](?:[A-Za-z\d._-]*[A-Za-z\d])?):([1-9]\d{0,4})$/;

const memberId = z.int().min(1, 'expected a member number from 1 on').max(0xffff_ffff, 'expected a member number up to 4294967295');

const address = z
  .string()
  .max(addressBytesMax, `expected at most ${addressBytesMax} characters`)
  .refine((text) => Number(addressForm.exec(text)?.[1] ?? 0x1_0000) <= 0xffff || wildcards.test(text), 'expected host:port')
  .refine((text) => !wildcards.test(text), 'expected an address at which others reach the member, not a wildcard');

const newMember = z.strictObject({
  id: z.exactOptional(memberId),
  peerAddress: address,
  clientAddress: address,
  role: z.enum(['voter', 'learner', 'witness']).default('voter'),
  priority: z.exactOptional(z.int().min(0).max(1000)),
});

const membershipChange = z.strictObject({
  add: z.exactOptional(z.array(newMember).max(additionsMax)),
  remove: z.exactOptional(z.array(memberId).max(idsMax)),
  promote: z.exactOptional(z.array(memberId).max(idsMax)),
});

const transfer = z.strictObject({ target: memberId });

/** The body of `POST /v1/members`. Throws a 400 `invalid_input` that names what is wrong with it. */
export function membershipChangeOf(body: unknown): z.output<typeof membershipChange> {
  return checkedBody(
    membershipChange,
    body,
    'Send {"add": [{"peerAddress", "clientAddress", "role"}], "remove": [ids], "promote": [ids]}.',
  );
}

/** The body of `POST /v1/transfer`. Throws a 400 `invalid_input` that names what is wrong with it. */
export function transferOf(body: unknown): z.output<typeof transfer> {
  return checkedBody(transfer, body, 'Send {"target": the number of a member}.');
}
