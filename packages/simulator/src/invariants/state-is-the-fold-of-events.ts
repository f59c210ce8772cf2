import { evolve, type RaftState } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import { sameValue } from './same-value.ts';

const name = 'state-is-the-fold-of-events';

/** Folding again costs as much as deciding: of steps that change neither role, term nor membership one in so many is folded. */
const sampledEvery = 101;

/** A step's events, folded over the state before it, give the state after it: recovery and replay rest on nothing else. */
export function stateIsTheFoldOfEvents({ every = sampledEvery }: { readonly every?: number } = {}): Invariant {
  let steps = 0;
  let fields: readonly (keyof RaftState)[] = [];

  function differing(folded: RaftState, after: RaftState): readonly (keyof RaftState)[] {
    if (fields.length === 0) fields = Object.keys(after) as (keyof RaftState)[];
    return fields.filter((field) => folded[field] !== after[field] && !sameValue(folded[field], after[field]));
  }

  return {
    name,
    source: 'event sourcing: state.ts of the core',
    onStep(member, { input, events, before, after }) {
      const frequent = before.role.kind === after.role.kind && before.term === after.term && before.memberships === after.memberships;
      if (frequent && steps++ % every !== 0) return;
      let folded = before;
      for (const event of events) folded = evolve(folded, event);
      const wrong = differing(folded, after);
      if (wrong.length === 0) return;
      const kinds = events.map(({ kind }) => kind).join(', ');
      throw new Violation(
        name,
        `member ${member}, term ${after.term}: ${kinds} of ${input.kind} do not make ${wrong.join(', ')} what it is`,
      );
    },
  };
}
