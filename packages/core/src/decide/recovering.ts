import { termAt } from '../log.ts';
import type { Step } from '../step.ts';

/**
 * Called when more is committed, or on the own disk. An entry of the current term is its leader's own, and whatever was ever
 * committed lies before it: with it on the disk, this member has again all that others may rely on.
 */
export function leaveRecovering(step: Step): void {
  const { recovering, log, commitIndex, persistedIndex, term } = step.state;
  if (recovering && termAt(log, Math.min(commitIndex, persistedIndex)) === term) step.record({ kind: 'recovered' });
}
