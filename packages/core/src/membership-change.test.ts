import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { describeMembership, foundingMembership, type Membership } from './membership.ts';
import { completePending, leaveJoint, type MembershipChange, type NewMember, planChange } from './membership-change.ts';

const three = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const withLearner: Membership = { ...three, members: [...three.members, memberInfo(4, { voter: false })], highestId: 6 };
const newcomer = (id: number | null, role: NewMember['role'] = 'voter'): NewMember => {
  const { peerAddress, clientAddress } = memberInfo(id ?? 0);
  return id === null ? { peerAddress, clientAddress, role } : { id, peerAddress, clientAddress, role };
};

function describePlan(current: Membership, change: MembershipChange): string {
  const planned = planChange(current, change);
  return typeof planned === 'string' ? planned : describeMembership(planned);
}

const refused: { readonly what: string; readonly current?: Membership; readonly change: MembershipChange; readonly reason: string }[] = [
  { what: 'nothing', change: {}, reason: 'nothing_to_change' },
  { what: 'empty lists', change: { add: [], remove: [], promote: [] }, reason: 'nothing_to_change' },
  { what: 'anything during joint consensus', current: { ...three, outgoing: [] }, change: { remove: [1] }, reason: 'change_under_way' },
  { what: 'an id that is taken', change: { add: [newcomer(3)] }, reason: 'member_id_used' },
  { what: 'an id that somebody once had', current: withLearner, change: { add: [newcomer(5)] }, reason: 'member_id_used' },
  { what: 'an id below any', change: { add: [newcomer(0)] }, reason: 'member_id_invalid' },
  { what: 'one id twice', change: { add: [newcomer(7), { ...newcomer(8), id: 7 }] }, reason: 'member_id_used' },
  { what: 'an address that is taken', change: { add: [{ ...newcomer(9), peerAddress: 'peer-2' }] }, reason: 'address_in_use' },
  {
    what: 'an address for clients that is taken',
    change: { add: [{ ...newcomer(9), clientAddress: 'client-2' }] },
    reason: 'address_in_use',
  },
  { what: 'one address twice', change: { add: [newcomer(7), { ...newcomer(7), id: 8 }] }, reason: 'address_in_use' },
  {
    what: 'the address of one that leaves',
    change: { add: [{ ...newcomer(9), peerAddress: 'peer-2' }], remove: [2] },
    reason: 'address_in_use',
  },
  { what: 'to remove a stranger', change: { remove: [9] }, reason: 'unknown_member' },
  { what: 'to remove one that left', current: withLearner, change: { remove: [5] }, reason: 'unknown_member' },
  { what: 'to promote a stranger', change: { promote: [9] }, reason: 'unknown_member' },
  { what: 'to promote a voter', change: { promote: [3] }, reason: 'not_a_learner' },
  { what: 'to promote one that is new', change: { add: [newcomer(4)], promote: [4] }, reason: 'not_a_learner' },
  { what: 'to promote one that leaves', current: withLearner, change: { promote: [4], remove: [4] }, reason: 'not_a_learner' },
  { what: 'to remove everybody', change: { remove: [1, 2, 3] }, reason: 'no_voter_left' },
  { what: 'to leave witnesses alone', change: { add: [newcomer(4, 'witness')], remove: [1, 2, 3] }, reason: 'no_voter_left' },
  { what: 'to leave learners alone', current: withLearner, change: { remove: [1, 2, 3] }, reason: 'no_voter_left' },
];

describe('a change of membership', () => {
  it.each(refused)('is refused: $what', ({ current = three, change, reason }) => {
    expect(planChange(current, change)).toBe(reason);
  });

  it.each([
    ['a learner, at once', { add: [newcomer(4, 'learner')] }, 'voters 1,2,3 learners 4'],
    ['a voter, as a learner first', { add: [newcomer(4)] }, 'voters 1,2,3 learners 4 (4 to be promoted, nobody to be removed)'],
    ['a witness likewise', { add: [newcomer(4, 'witness')] }, 'voters 1,2,3 witnesses 4 (4 to be promoted, nobody to be removed)'],
    ['without a follower', { remove: [2] }, 'voters 1,3 leaving voters 1,2,3'],
    ['without one that is named twice', { remove: [2, 2] }, 'voters 1,3 leaving voters 1,2,3'],
    ['another one in the place of one', { add: [newcomer(4)], remove: [2] }, 'voters 1,2,3 learners 4 (4 to be promoted, 2 to be removed)'],
    ['wholly another', { add: [newcomer(8)], remove: [1, 2, 3] }, 'voters 1,2,3 learners 8 (8 to be promoted, 1,2,3 to be removed)'],
  ] as const)('begins with %s', (_what, change, expected) => {
    expect(describePlan(three, change)).toBe(expected);
  });

  it('removes a learner, or swaps one for another, without joint consensus', () => {
    expect(describePlan(withLearner, { remove: [4] })).toBe('voters 1,2,3');
    expect(describePlan(withLearner, { remove: [4], add: [newcomer(7, 'learner')] })).toBe('voters 1,2,3 learners 7');
  });

  it('promotes a learner, once, however often it is named', () => {
    const expected = 'voters 1,2,3 learners 4 (4 to be promoted, nobody to be removed)';
    expect(describePlan(withLearner, { promote: [4, 4] })).toBe(expected);
  });

  it('numbers those that come without an id behind every id that ever was', () => {
    const planned = planChange(withLearner, { add: [newcomer(null, 'learner'), newcomer(20, 'learner')] });
    expect(planned).toMatchObject({ members: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 7 }, { id: 20 }], highestId: 20 });
    expect(planChange(three, { remove: [3] })).toMatchObject({ highestId: 3 });
  });

  it('passes priorities on, by default the least', () => {
    const change = { add: [{ ...newcomer(4, 'learner'), priority: 7 }, newcomer(5, 'learner')] } as const;
    expect(planChange(three, change)).toMatchObject({ members: [{}, {}, {}, { id: 4, priority: 7 }, { id: 5, priority: 0 }] });
  });
});

describe('a change that waits for learners', () => {
  const waiting = planChange(three, { add: [newcomer(4), newcomer(5)], remove: [1] }) as Membership;

  it('happens in one step when they have caught up', () => {
    const entered = completePending(waiting);
    expect(describeMembership(entered)).toBe('voters 2,3,4,5 leaving voters 1,2,3');
    expect(describeMembership(leaveJoint(entered))).toBe('voters 2,3,4,5');
  });

  it('is given up by removing all of them', () => {
    expect(describePlan(waiting, { remove: [5, 4] })).toBe('voters 1,2,3');
    expect(planChange(waiting, { remove: [5, 4] })).toMatchObject({ highestId: 5 });
  });

  it.each([
    ['some of them', { remove: [4] }],
    ['one of them twice', { remove: [4, 4] }],
    ['others with them', { remove: [4, 5, 1] }],
    ['them while others come', { remove: [4, 5], add: [newcomer(6, 'learner')] }],
    ['them while others are promoted', { remove: [4, 5], promote: [3] }],
  ] as const)('is not given up by removing %s', (_what, change) => {
    expect(planChange(waiting, change)).toBe('change_under_way');
  });

  it('changes nothing where none waits', () => {
    expect(completePending(three)).toEqual(three);
  });
});
