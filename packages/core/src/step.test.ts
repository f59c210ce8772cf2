import { describe, expect, it } from 'vitest';
import { memberInfo } from '../test/cluster/cluster.ts';
import { defaultRaftConfig } from './config.ts';
import type { Entry } from './entry.ts';
import { foundingMembership } from './membership.ts';
import { initialState } from './state.ts';
import { Step } from './step.ts';

const membership = foundingMembership([1, 2, 3].map((id) => memberInfo(id)));
const follower = initialState({ id: 1, memberships: [{ index: 0, membership }], config: defaultRaftConfig, seed: 7, now: 0 });
const entry = (index: number): Entry => ({ index, term: 1, time: 0, kind: 'no-op', payload: new Uint8Array(0) });
const vote = { kind: 'vote-reply', term: 1, granted: true } as const;
const begin = () => new Step(follower, { now: 0, wallTime: 0 });

describe('a step', () => {
  it('makes one write of all that must survive, and lets the promises wait for it', () => {
    const step = begin();
    step.record({ kind: 'term-advanced', term: 1 });
    step.record({ kind: 'entries-appended', entries: [entry(1)] });
    step.promise(2, vote);
    step.record({ kind: 'entries-appended', entries: [entry(2), entry(3)] });
    expect(step.finish().effects).toEqual([
      {
        kind: 'persist',
        sequence: 1,
        hardState: { term: 1, vote: null },
        base: null,
        truncateAfter: null,
        entries: [entry(1), entry(2), entry(3)],
        promises: [{ to: 2, message: vote }],
      },
    ]);
  });

  it('puts the write before everything else: who carries it out needs the entries to replicate them', () => {
    const step = begin();
    step.record({ kind: 'entries-appended', entries: [entry(1)] });
    const range = { prevIndex: 0, prevTerm: 0, lastIndex: 1, bytesMax: 9, commit: 0, withoutPayloads: false };
    step.effect({ kind: 'replicate', to: 2, term: 1, ...range });
    step.send(3, { kind: 'heartbeat', term: 1, commit: 0, round: 1, quiesce: false });
    step.record({ kind: 'entries-appended', entries: [entry(2)] });
    expect(step.finish().effects.map(({ kind }) => kind)).toEqual(['persist', 'replicate', 'send']);
  });

  it('keeps a promise at once where everything is on disk', () => {
    const step = begin();
    step.promise(2, vote);
    expect(step.finish().effects).toEqual([{ kind: 'send', to: 2, message: vote }]);
  });

  it('asks for nothing where nothing happened', () => {
    expect(begin().finish()).toEqual({ state: follower, events: [], effects: [] });
  });
});
