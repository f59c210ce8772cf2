import { foundingMembership, type Membership, type RaftState, startAfter } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import { newestMembershipCounts } from '../../src/invariants/newest-membership-counts.ts';
import { oneChangeAtATime } from '../../src/invariants/one-change-at-a-time.ts';
import { quorumsOverlap } from '../../src/invariants/quorums-overlap.ts';
import { votersChangeJointly } from '../../src/invariants/voters-change-jointly.ts';
import { appends, entriesOf, entry, follower, holding, info, leading, membershipEntry, step, three, told } from './hand-made.ts';

const leader = follower(1, { term: 1, role: leading({ openingIndex: 1 }), ...holding(entriesOf(1)), commitIndex: 1 });

/** The leader appends a membership behind its log. */
function changes(before: RaftState, membership: Membership) {
  const index = before.log.lastIndex + 1;
  const memberships = [...before.memberships, { index, membership }];
  return appends(before, [membershipEntry(index, before.term, membership)], { memberships, membership });
}

const joint: Membership = { members: [1, 2, 3, 4].map((id) => info(id)), outgoing: three.members, pending: null, highestId: 4 };
const withLearner: Membership = { ...three, members: [...three.members, info(4, { voter: false })], highestId: 4 };

describe('one-change-at-a-time', () => {
  test('holds for one change behind a committed entry of the term', () => {
    told(oneChangeAtATime).onStep(1, changes(leader, joint));
  });

  test('is broken by a second change before the first is committed', () => {
    const to = told(oneChangeAtATime);
    const first = changes(leader, withLearner);
    to.onStep(1, first);
    expect(() => to.onStep(1, changes(first.after, joint))).toThrow(
      'one-change-at-a-time: member 1 has uncommitted memberships at 2 and 3',
    );
  });

  test('is broken by a change before anything of the term is committed', () => {
    const to = told(oneChangeAtATime);
    expect(() => to.onStep(1, changes({ ...leader, commitIndex: 0 }, joint))).toThrow('before it has committed an entry of its term 1');
  });
});

describe('voters-change-jointly', () => {
  test('holds for a learner, for joint consensus, and for its end', () => {
    told(votersChangeJointly).onStep(1, changes(leader, withLearner));
    const to = told(votersChangeJointly);
    const entered = changes(leader, joint);
    to.onStep(1, entered);
    to.onStep(1, changes({ ...entered.after, commitIndex: 2 }, { ...joint, outgoing: null }));
  });

  test.each<[string, Membership]>([
    ['the voters change in one step', { ...joint, outgoing: null }],
    ['others are left than vote now', { ...joint, outgoing: [info(1), info(2)] }],
    ['the highest number goes back', { ...three, highestId: 2 }],
  ])('is broken where %s', (what, membership) => {
    const to = told(votersChangeJointly);
    expect(() => to.onStep(1, changes(leader, membership))).toThrow(what);
  });

  test('is broken by a number that is given twice, and by joint consensus that leads elsewhere', () => {
    const to = told(votersChangeJointly);
    const without = foundingMembership([info(1), info(2)]);
    const two = { ...leader, membership: without, memberships: [{ index: 0, membership: { ...without, highestId: 3 } }] };
    const again: Membership = { members: [info(1), info(2), info(3, { voter: false })], outgoing: null, pending: null, highestId: 3 };
    expect(() => to.onStep(1, changes(two, again))).toThrow('number 3 is given twice');
    const entered = changes(leader, joint);
    expect(() => to.onStep(1, changes(entered.after, three))).toThrow('the highest number goes back');
    const well = told(votersChangeJointly);
    expect(() => well.onStep(1, changes(entered.after, withLearner))).toThrow('joint consensus is left for something else');
  });
});

describe('quorums-overlap', () => {
  test('holds for joint consensus', () => {
    told(quorumsOverlap).onStep(1, changes(leader, joint));
  });

  test('is broken by two voters more at once', () => {
    const to = told(quorumsOverlap);
    const five = foundingMembership([1, 2, 3, 4, 5].map((id) => info(id)));
    expect(() => to.onStep(1, changes(leader, five))).toThrow(
      'quorums-overlap: member 1 has entry 2, and quorums of voters 1,2,3 and of voters 1,2,3,4,5 have nobody in common',
    );
  });
});

describe('newest-membership-counts', () => {
  test('holds for appended and truncated memberships', () => {
    const to = told(newestMembershipCounts);
    const changed = changes(leader, joint);
    to.onStep(1, changed);
    const cut = { memberships: leader.memberships, membership: leader.membership, log: leader.log, role: { kind: 'follower' } as const };
    to.onStep(1, step(changed.after, cut, [{ kind: 'log-truncated', after: 1 }]));
  });

  test('is broken by a member that goes by the old one', () => {
    const to = told(newestMembershipCounts);
    const { before, after, events } = changes(leader, joint);
    const old = step(before, { log: after.log, memberships: after.memberships }, events);
    expect(() => to.onStep(1, old)).toThrow('newest-membership-counts: member 1 does not go by the membership at 2');
  });

  test('is broken by a member that keeps what was cut off', () => {
    const to = told(newestMembershipCounts);
    const changed = changes(leader, joint);
    const kept = step(changed.after, { log: leader.log, memberships: [...changed.after.memberships], role: { kind: 'follower' } }, [
      { kind: 'log-truncated', after: 1 },
    ]);
    expect(() => to.onStep(1, kept)).toThrow('member 1 knows of memberships at 0, 2; its log has them at 0');
  });

  test('is broken by a member that reads another one out of an entry, or has another one than is committed', () => {
    const to = told(newestMembershipCounts);
    const { before, after } = changes(leader, joint);
    const forged = membershipEntry(2, 1, withLearner);
    const misread = step(before, after, [{ kind: 'entries-appended', entries: [forged] }]);
    expect(() => to.onStep(1, misread)).toThrow('reads another membership out of entry 2');
    const well = told(newestMembershipCounts);
    const changed = changes(leader, joint);
    well.onStep(1, appends(follower(1, { term: 1 }), [entry(1, 1)]));
    well.onStep(1, changed);
    well.onStep(1, step(changed.after, { commitIndex: 2 }));
    const log = startAfter(2, 1);
    const begins = {
      log,
      persistedIndex: 2,
      commitIndex: 2,
      memberships: [{ index: 2, membership: withLearner }],
      membership: withLearner,
    };
    const ofSnapshot = { hardState: { term: 0, vote: null }, base: null, log, entry: () => undefined };
    expect(() => well.onStarted(2, follower(2, begins), ofSnapshot)).toThrow(
      'member 2 has another membership as of entry 2 than was committed',
    );
  });
});
