import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeMembership, isQuorum, isVoter, type Membership, quorumIndex, quorumSize } from './membership.ts';

const of = (size: number): Membership => ({ voters: Array.from({ length: size }, (_, i) => i + 1) });
const membership = fc.integer({ min: 1, max: 9 }).map(of);

describe('membership', () => {
  it('needs more than half', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((size) => quorumSize(of(size)))).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  it('has quorums any two of which share a member', () => {
    fc.assert(
      fc.property(membership, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.boolean()), (m, left, right) => {
        const one = new Set(m.voters.filter(() => left.next().value));
        const other = new Set(m.voters.filter(() => right.next().value));
        if (!isQuorum(m, (id) => one.has(id)) || !isQuorum(m, (id) => other.has(id))) return;
        expect([...one].some((id) => other.has(id))).toBe(true);
      }),
    );
  });

  it('counts voters only', () => {
    expect(isVoter(of(3), 3)).toBe(true);
    expect(isVoter(of(3), 4)).toBe(false);
    expect(isQuorum(of(3), (id) => id > 2)).toBe(false);
  });

  it('has reached the highest index that a quorum has reached', () => {
    fc.assert(
      fc.property(membership, fc.array(fc.nat(20), { minLength: 9, maxLength: 9 }), (m, reached) => {
        const at = (id: number) => reached[id - 1] ?? 0;
        const index = quorumIndex(m, at);
        expect(isQuorum(m, (id) => at(id) >= index)).toBe(true);
        expect(isQuorum(m, (id) => at(id) > index)).toBe(false);
      }),
    );
  });

  it('has reached nothing where there is nobody', () => {
    expect(quorumIndex({ voters: [] }, () => 7)).toBe(0);
    expect(isQuorum({ voters: [] }, () => true)).toBe(false);
  });

  it('says itself in one line', () => {
    expect(describeMembership(of(3))).toBe('voters 1,2,3 (quorum 2)');
  });
});
