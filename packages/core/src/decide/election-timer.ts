import { draw } from '../random.ts';
import { electionTimeout } from '../state.ts';
import type { Step } from '../step.ts';

/** Waits anew for a leader or an election result, with a freshly drawn timeout (paper 5.2). */
export function restartElectionTimer(step: Step): void {
  const { seed, value } = draw(step.state.seed);
  step.record({ kind: 'election-timeout-drawn', timeoutMs: electionTimeout(step.state.config, value), seed });
  step.record({ kind: 'election-timer-started', at: step.time.now });
}
