import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { foundingMembership, type Membership } from './membership.ts';
import { decodeMembership, encodeMembership } from './membership-codec.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const member = fc
  .record({ id: fc.integer({ min: 1 }), peerAddress: fc.string({ unit: 'binary' }), clientAddress: fc.string(), priority: fc.nat() })
  .chain((some) => fc.record({ voter: fc.boolean(), witness: fc.boolean() }).map((more) => ({ ...some, ...more })));
const membership: fc.Arbitrary<Membership> = fc.record({
  members: fc.array(member),
  outgoing: fc.option(fc.array(member)),
  pending: fc.option(fc.record({ promote: fc.array(fc.nat()), remove: fc.array(fc.nat()) })),
  highestId: fc.nat(),
});

describe('a membership as a payload', () => {
  it('comes back as it was, whatever is in its addresses', () => {
    fc.assert(
      fc.property(membership, (m) => {
        expect(decodeMembership(encodeMembership(m))).toEqual(m);
      }),
    );
  });

  it('is plain ASCII that a person can read', () => {
    const payload = encodeMembership(foundingMembership([memberInfo(1, { peerAddress: 'bücher:1' })]));
    expect(payload.every((byte) => byte >= 0x20 && byte < 0x7f)).toBe(true);
    expect(new TextDecoder().decode(payload)).toContain('"peerAddress":"b\\u00fccher:1"');
  });

  it.each(['null', '{}', '[]', '7', '{"members":[]}', '{"members":{},"highestId":1}'])('stops at %s', (text) => {
    expect(() => decodeMembership(bytes(text))).toThrow(`a membership entry holds no membership: ${text}`);
  });
});
