import type { Step } from '../step.ts';

/**
 * Whether this member has heard a leader within the last election timeout, or is one (thesis 4.2.3, 6.4.1). A lease relies on
 * it: nobody of the majority that confirmed a leader helps another one before that time is over.
 */
export function hearsLeader({ state, time }: Step): boolean {
  const { role, leaderHeardAt, config } = state;
  if (role.kind === 'leader') return true;
  return leaderHeardAt !== null && time.now - leaderHeardAt < config.electionTimeoutMs;
}
