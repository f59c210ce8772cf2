import { isDeepStrictEqual } from 'node:util';
import { decide, evolve, type MemberId, type RaftState } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/** Folding a member's recorded events over its initial state gives its state; and deciding twice gives the same twice. */
export const stateIsTheFoldOfEvents: Property = () => {
  const folded = new Map<MemberId, RaftState>();
  return (occurrence) => {
    if (occurrence.kind === 'started') folded.set(occurrence.member.id, occurrence.state);
    if (occurrence.kind !== 'decided') return;
    const { member, before, input, decision } = occurrence;
    const initial = folded.get(member.id);
    ensure(initial !== undefined, `member ${member.id} was never started`);
    const state = decision.events.reduce(evolve, initial);
    folded.set(member.id, state);
    ensure(isDeepStrictEqual(state, decision.state), `member ${member.id}: the fold of its events is not its state`);
    ensure(isDeepStrictEqual(decide(before, input), decision), `member ${member.id} decides differently about the same ${input.kind}`);
  };
};
