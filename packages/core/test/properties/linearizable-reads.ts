import type { Index } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/**
 * A read is served at an index that covers everything that was committed when it was asked for (thesis 6.4). One that rests
 * on a lease is served only before the lease ends, by the clock of the member that serves it (thesis 6.4.1).
 */
export const linearizableReads: Property = (cluster, history) => {
  const committedWhenAsked = new Map<number, Index>();
  return (occurrence) => {
    if (occurrence.kind === 'decided' && occurrence.input.kind === 'read-requested') {
      committedWhenAsked.set(occurrence.input.id, history.commitIndex);
    }
    if (occurrence.kind !== 'effect' || occurrence.effect.kind !== 'answer-read') return;
    const { id, index, leaseUntil } = occurrence.effect;
    if (leaseUntil !== null && cluster.clock(occurrence.member.id) >= leaseUntil) return;
    const least = committedWhenAsked.get(id);
    ensure(least !== undefined, `read ${id} is answered and was never asked for`);
    const lease = leaseUntil === null ? '' : ' by lease';
    ensure(index >= least, `read ${id} is answered${lease} at ${index}; ${least} was committed before it was asked for`);
    ensure(index <= history.commitIndex, `read ${id} is answered at ${index}, which is not committed`);
  };
};
