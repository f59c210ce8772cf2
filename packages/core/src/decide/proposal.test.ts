import { describe, expect, it } from 'vitest';
import { memberInfo } from '../../test/cluster/cluster.ts';
import { defaultRaftConfig } from '../config.ts';
import { decide } from '../decide.ts';
import { extend } from '../log.ts';
import { foundingMembership } from '../membership.ts';
import { initialState, type RaftState } from '../state.ts';

const alone = foundingMembership([memberInfo(1)]);
const start = { id: 1, memberships: [{ index: 0, membership: alone }], config: defaultRaftConfig, seed: 7, now: 0 };
const today = 1_790_000_000_000;

/** A group of one that has just taken office at `wallTime`, after a log that ends at `lastTime`. */
function lead(wallTime: number, lastTime: number): RaftState {
  const recovered = { hardState: { term: 1, vote: null }, log: extend({ ...initialState(start).log }, 1), lastTime };
  const candidate = decide(initialState({ ...start, recovered }), { kind: 'deadline-reached', now: 5000, wallTime });
  return decide(candidate.state, { kind: 'persisted', sequence: 1, now: 5000, wallTime }).state;
}

describe('log time', () => {
  it('comes from the wall clock, for the entry that opens a term like for any other', () => {
    expect(lead(today, 0)).toMatchObject({ role: { kind: 'leader' }, logTime: today });
  });

  it('does not go back where the wall clock is behind the log', () => {
    expect(lead(today - 1, today).logTime).toBe(today);
  });
});

describe('a proposal', () => {
  it('without a command is a defect, whoever leads', () => {
    const nothing = { kind: 'proposed', id: 4, payloads: [], now: 6000, wallTime: today } as const;
    for (const state of [lead(today, 0), initialState(start)]) expect(() => decide(state, nothing)).toThrow('proposal 4 has no command');
  });
});
