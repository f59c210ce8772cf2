import { describe, expect, it } from 'vitest';
import { memberInfo } from '../../test/cluster/cluster.ts';
import { defaultRaftConfig } from '../config.ts';
import { foundingMembership } from '../membership.ts';
import { initialState } from '../state.ts';
import { Step } from '../step.ts';
import { onHeartbeatReply } from './acknowledgement.ts';
import { advanceCommit } from './commit.ts';
import { countVote } from './election.ts';
import { broadcastHeartbeat, tellCommit } from './heartbeat.ts';
import { abandonReads, answerConfirmedReads, readyReads } from './read-index.ts';
import { replicateToAll } from './replication.ts';

const membership = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const follower = initialState({ id: 1, memberships: [{ index: 0, membership }], config: defaultRaftConfig, seed: 7, now: 0 });
const confirm = (step: Step) => onHeartbeatReply(step, 2, { kind: 'heartbeat-reply', term: 0, round: 1, loyalMs: 500 });

const rules = { advanceCommit, broadcastHeartbeat, tellCommit, replicateToAll, readyReads, answerConfirmedReads, abandonReads, confirm };

describe('a rule of a role', () => {
  it.each(Object.entries(rules))('%s stops at a member that does not lead, where only a defect can lead to', (_name, rule) => {
    expect(() => rule(new Step(follower, { now: 0, wallTime: 0 }))).toThrow('member 1 does not lead term 0');
  });

  it('stops at a member that counts votes and is no candidate', () => {
    expect(() => countVote(new Step(follower, { now: 0, wallTime: 0 }), 2, true)).toThrow('member 1 is no candidate in term 0');
  });
});
