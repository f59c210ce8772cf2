import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import {
  describeMembership,
  electionRank,
  emptyMembership,
  findMember,
  foundingMembership,
  isQuorum,
  isVoter,
  isWitness,
  type MemberInfo,
  type Membership,
  majoritySize,
  otherVoters,
  peersOf,
  quorumValue,
  wasRemoved,
} from './membership.ts';

const of = (size: number): Membership => foundingMembership(Array.from({ length: size }, (_, i) => memberInfo(i + 1)));
const learner = (id: number) => memberInfo(id, { voter: false });

/** Voters 2, 3, 4 with learner 5 and witness 6, while 1, 2, 3 are being left. */
const joint: Membership = {
  members: [memberInfo(2), memberInfo(3), memberInfo(4), learner(5), memberInfo(6, { witness: true })],
  outgoing: [memberInfo(1), memberInfo(2), memberInfo(3)],
  pending: null,
  highestId: 8,
};

/** Any membership of ids 1 to 9, joint or not. */
const voters = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
const infos = (ids: readonly number[]): MemberInfo[] => ids.map((id) => memberInfo(id));
const membership = fc
  .record({ members: voters, outgoing: fc.option(voters) })
  .map(({ members, outgoing }): Membership => ({ ...foundingMembership(infos(members)), outgoing: outgoing && infos(outgoing) }));
const reachedByEach = fc.array(fc.nat(20), { minLength: 9, maxLength: 9 });

describe('membership', () => {
  it('is founded in the order of the ids, and remembers the highest', () => {
    const { members, highestId } = foundingMembership([memberInfo(7), memberInfo(2)]);
    expect([members.map(({ id }) => id), highestId]).toEqual([[2, 7], 7]);
    expect(foundingMembership([])).toEqual(emptyMembership);
  });

  it('needs more than half', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((size) => majoritySize(of(size).members))).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  it('has quorums any two of which share a member, also in joint consensus (thesis 4.3)', () => {
    fc.assert(
      fc.property(membership, fc.array(fc.nat(3), { minLength: 9, maxLength: 9 }), (m, sides) => {
        const left = isQuorum(m, (id) => (sides[id - 1] ?? 0) === 0);
        const right = isQuorum(m, (id) => (sides[id - 1] ?? 0) !== 0);
        expect(left && right).toBe(false);
      }),
    );
  });

  it('shares a member between a quorum of joint consensus and one of either side', () => {
    fc.assert(
      fc.property(membership, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), (m, sides) => {
        if (!isQuorum(m, (id) => sides[id - 1] === true)) return;
        const others = (id: number) => sides[id - 1] !== true;
        expect(isQuorum({ ...m, outgoing: null }, others)).toBe(false);
        if (m.outgoing) expect(isQuorum(foundingMembership(m.outgoing), others)).toBe(false);
      }),
    );
  });

  it('has reached the highest index that a quorum has reached', () => {
    fc.assert(
      fc.property(membership, reachedByEach, (m, reached) => {
        const at = (id: number) => reached[id - 1] ?? 0;
        const index = quorumValue(m, at);
        expect(isQuorum(m, (id) => at(id) >= index)).toBe(true);
        expect(isQuorum(m, (id) => at(id) > index)).toBe(false);
      }),
    );
  });

  it('has reached nothing where there is nobody', () => {
    expect(quorumValue(emptyMembership, () => 7)).toBe(0);
    expect(isQuorum(emptyMembership, () => true)).toBe(false);
  });

  it('lets voters and voting witnesses decide, of both sides in joint consensus, and never learners', () => {
    expect([1, 2, 3, 4, 5, 6, 7].filter((id) => isVoter(joint, id))).toEqual([1, 2, 3, 4, 6]);
    expect(isQuorum({ ...joint, outgoing: null }, (id) => id >= 5)).toBe(false);
    expect(isQuorum({ ...joint, outgoing: null }, (id) => [2, 3, 6].includes(id))).toBe(true);
  });

  it('knows everybody on either side, and who left', () => {
    expect(peersOf(joint, 3)).toEqual([1, 2, 4, 5, 6]);
    expect(otherVoters(joint, 3)).toEqual([1, 2, 4, 6]);
    expect(findMember(joint, 1)?.peerAddress).toBe('peer-1');
    expect(peersOf(emptyMembership, 3)).toEqual([]);
    expect([1, 2, 7, 8, 9].map((id) => wasRemoved(joint, id))).toEqual([false, false, true, true, false]);
    expect([5, 6, 7].map((id) => isWitness(joint, id))).toEqual([false, true, false]);
  });

  it('ranks by the priorities above the own one that could lead (each once)', () => {
    const ranked = foundingMembership([
      memberInfo(1, { priority: 9 }),
      memberInfo(2, { priority: 9 }),
      memberInfo(3, { priority: 5 }),
      memberInfo(4),
      memberInfo(5, { priority: 20, witness: true }),
      memberInfo(6, { priority: 30, voter: false }),
    ]);
    expect([1, 2, 3, 4, 7].map((id) => electionRank(ranked, id))).toEqual([0, 0, 1, 2, 2]);
  });

  it('says itself in one line', () => {
    expect(describeMembership(of(3))).toBe('voters 1,2,3');
    expect(describeMembership(joint)).toBe('voters 2,3,4 witnesses 6 learners 5 leaving voters 1,2,3');
    expect(describeMembership(emptyMembership)).toBe('voters none');
    const waiting: Membership = { ...of(2), pending: { promote: [3], remove: [1] } };
    expect(describeMembership(waiting)).toBe('voters 1,2 (3 to be promoted, 1 to be removed)');
    const withoutRemoval: Membership = { ...of(2), pending: { promote: [3], remove: [] } };
    expect(describeMembership(withoutRemoval)).toBe('voters 1,2 (3 to be promoted, nobody to be removed)');
  });
});
