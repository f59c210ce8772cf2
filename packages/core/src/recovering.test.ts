import { expect, test } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { beginRecovering, canRecover, foundingMembership } from './index.ts';

test('who has lost something begins in a term in which it has promised nothing, without a vote', () => {
  expect(beginRecovering({ term: 4, vote: 2, recovering: true })).toEqual({ term: 5, vote: null, recovering: true });
  expect(beginRecovering({ term: 4, vote: 2 })).toBeNull();
});

test('a member recovers where the others are a quorum, and one of them may lead', () => {
  const voters = (...ids: number[]) => ids.map((id) => memberInfo(id));
  const three = foundingMembership(voters(1, 2, 3));
  expect(canRecover(three, 1)).toBe(true);
  expect(canRecover(foundingMembership(voters(1)), 1)).toBe(false);
  expect(canRecover(foundingMembership(voters(1, 2)), 1)).toBe(false);
  // Of both majorities during joint consensus.
  expect(canRecover({ ...three, outgoing: voters(1, 2) }, 1)).toBe(false);
  expect(canRecover(foundingMembership([memberInfo(1), memberInfo(2, { witness: true }), memberInfo(3, { witness: true })]), 1)).toBe(
    false,
  );
  expect(canRecover(foundingMembership([memberInfo(1), memberInfo(2), memberInfo(3, { witness: true })]), 1)).toBe(true);
  // Who has no vote to give does not keep the others from electing.
  expect(canRecover(foundingMembership([memberInfo(1), memberInfo(2, { voter: false })]), 2)).toBe(true);
});
