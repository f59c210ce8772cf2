import {
  decide,
  defaultRaftConfig,
  emptyLog,
  emptyMembership,
  extend,
  foundingMembership,
  type HardState,
  type Input,
  initialState,
  type MemberId,
  type Membership,
  type Message,
  type RaftState,
  type Term,
} from '../../src/index.ts';
import { memberInfo } from '../cluster/cluster.ts';

/** When every message of the table arrives: long after the start, and a moment after the leader's last word. */
export const arrival = { now: 10_000, wallTime: 0 };

/** Who talks. `peer` leads where somebody else does. */
export const peer: MemberId = 2;
export const otherPeer: MemberId = 3;
export const removed: MemberId = 7;
export const stranger: MemberId = 99;

const membership: Membership = { ...foundingMembership([1, 2, 3].map((id) => memberInfo(id))), highestId: 8 };
const withLearner: Membership = { ...membership, members: [...membership.members, memberInfo(4, { voter: false })] };

/** A member that starts with entries 1 to 4 of term 2 and 5 to 6 of term 5, in that term. */
function restarted(id: MemberId, members: Membership, more: Partial<HardState> = {}): RaftState {
  return initialState({
    id,
    config: defaultRaftConfig,
    memberships: [{ index: 0, membership: members }],
    seed: 7,
    now: 0,
    recovered: { hardState: { term: 5, vote: null, ...more }, log: extend(extend(emptyLog, 2, 4), 5, 2), lastTime: 0 },
  });
}

/** The state after inputs that all come at one time, a tenth of a second before the message. */
function after(state: RaftState, ...inputs: readonly Record<string, unknown>[]): RaftState {
  return inputs.reduce<RaftState>((current, input) => {
    const timed = { now: arrival.now - 100, wallTime: 0, ...input } as Input;
    return decide(current, timed).state;
  }, state);
}

const received = (from: MemberId, message: Message) => ({ kind: 'received', from, message });
const wordOf = (term: Term) => received(peer, { kind: 'heartbeat', term, commit: 4, round: 1, quiesce: false });
const word = wordOf(5);
const voter = restarted(1, withLearner);
const recovering = restarted(1, withLearner, { term: 6, recovering: true });
const preCandidate = after(voter, { kind: 'deadline-reached' });
const candidate = after(preCandidate, received(peer, { kind: 'pre-vote-reply', term: 5, granted: true }), {
  kind: 'persisted',
  sequence: 1,
});
const joiner = initialState({
  id: 10,
  config: defaultRaftConfig,
  memberships: [{ index: 0, membership: emptyMembership }],
  seed: 7,
  now: 0,
});

/** Every role that a member can be in, by the name of the file that tells what it makes of each message. */
export const roles: Readonly<Record<string, RaftState>> = {
  follower: after(voter, word),
  'follower-without-leader': voter,
  'pre-candidate': preCandidate,
  candidate,
  leader: after(
    candidate,
    received(peer, { kind: 'vote-reply', term: 6, granted: true }),
    { kind: 'persisted', sequence: 2 },
    received(peer, { kind: 'append-accepted', term: 6, matchIndex: 7 }),
  ),
  recovering: after(recovering, wordOf(6)),
  'recovering-without-leader': recovering,
  learner: after(restarted(4, withLearner), word),
  joiner,
};
