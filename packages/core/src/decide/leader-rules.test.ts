import { describe, expect, it } from 'vitest';
import { defaultRaftConfig } from '../config.ts';
import { initialState } from '../state.ts';
import { Step } from '../step.ts';
import { advanceCommit } from './commit.ts';
import { broadcastHeartbeat, tellCommit } from './heartbeat.ts';
import { abandonReads, answerConfirmedReads, readyReads } from './read-index.ts';
import { onHeartbeatReply, replicateToAll } from './replication.ts';

const follower = initialState({ id: 1, membership: { voters: [1, 2, 3] }, config: defaultRaftConfig, seed: 7, now: 0 });
const begin = () => new Step(follower, { now: 0, wallTime: 0 });

const rules = { advanceCommit, tellCommit, replicateToAll, readyReads, answerConfirmedReads, abandonReads };

describe("a leader's rules", () => {
  it.each(Object.entries(rules))('%s asks nothing of a member that does not lead', (_name, rule) => {
    const step = begin();
    rule(step);
    expect(step.finish()).toEqual({ state: follower, events: [], effects: [] });
  });

  it('stop where only a defect can lead to', () => {
    expect(() => broadcastHeartbeat(begin())).toThrow('only a leader sends heartbeats');
    expect(() => onHeartbeatReply(begin(), 2, { kind: 'heartbeat-reply', term: 0, round: 1 })).toThrow('no progress is kept for member 2');
  });
});
