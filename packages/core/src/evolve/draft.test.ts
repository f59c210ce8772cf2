import { expect, test } from 'vitest';
import { memberInfo } from '../../test/cluster/cluster.ts';
import { defaultRaftConfig } from '../config.ts';
import { evolve } from '../evolve.ts';
import { foundingMembership } from '../membership.ts';
import { leaderOf, progressOf } from '../roles.ts';
import { initialState } from '../state.ts';
import { draftOfLeader, draftOfProgress, draftOfState } from './draft.ts';

const membership = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const follower = initialState({ id: 1, memberships: [{ index: 0, membership }], config: defaultRaftConfig, seed: 7, now: 0 });
const state = evolve(follower, { kind: 'became-leader', openingIndex: 1, at: 5 });

/** Gives every field a value that no other field has. */
function marked<T extends object>(value: T): T {
  return Object.fromEntries(Object.keys(value).map((field) => [field, field === 'kind' ? 'leader' : `the ${field}`])) as T;
}

test.each([
  { what: 'a state', original: state, draft: draftOfState(marked(state)) },
  { what: 'a leadership', original: leaderOf(state), draft: draftOfLeader(marked(leaderOf(state))) },
  { what: 'what is known of a peer', original: progressOf(state, 2), draft: draftOfProgress(marked(progressOf(state, 2))) },
])('a draft of $what has each field as it was, in the order in which they were made', ({ original, draft }) => {
  expect(Object.entries(draft)).toEqual(Object.entries(marked(original)));
});
