import { evolve } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import { sameValue } from './same-value.ts';

const name = 'state-is-the-fold-of-events';

/** Folding again costs as much as deciding, so it is done for one step in so many; of the rarer inputs for each. */
const sampledEvery = 16;

/** A step's events, folded over the state before it, give the state after it: recovery and replay rest on nothing else. */
export function stateIsTheFoldOfEvents({ every = sampledEvery }: { readonly every?: number } = {}): Invariant {
  let steps = 0;
  return {
    name,
    source: 'event sourcing: state.ts of the core',
    onStep(member, { input, events, before, after }) {
      const frequent = before.role.kind === after.role.kind && before.term === after.term && before.memberships === after.memberships;
      if (frequent && steps++ % every !== 0) return;
      let folded = before;
      for (const event of events) folded = evolve(folded, event);
      if (sameValue(folded, after)) return;
      const differing = Object.keys(after).filter(
        (key) => !sameValue(folded[key as keyof typeof folded], after[key as keyof typeof after]),
      );
      const kinds = events.map(({ kind }) => kind).join(', ');
      throw new Violation(
        name,
        `member ${member}, term ${after.term}: ${kinds} of ${input.kind} do not make ${differing.join(', ')} what it is`,
      );
    },
  };
}
