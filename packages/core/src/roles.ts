import type { MemberId } from './entry.ts';
import { invariant } from './errors.ts';
import type { Candidate, Leader, PreCandidate, Progress } from './role.ts';
import type { IncomingSnapshot, RaftState } from './state.ts';

/** This member's candidacy, asked for or called, for what only somebody does who counts votes. */
export function voteCounterOf({ role, id, term }: RaftState): PreCandidate | Candidate {
  invariant(role.kind === 'candidate' || role.kind === 'pre-candidate', `member ${id} is no candidate in term ${term}`);
  return role;
}

/** The snapshot that this member receives, for what only a receiver does. */
export function incomingOf({ incoming, id }: RaftState): IncomingSnapshot {
  invariant(incoming !== null, `member ${id} receives no snapshot`);
  return incoming;
}

/** Whether this member leads, and keeps track of `peer`: both may have ended since that was asked something. */
export function isPeer({ role }: RaftState, peer: MemberId): boolean {
  return role.kind === 'leader' && role.progress.has(peer);
}

/** This member's leadership, for what only a leader does. */
export function leaderOf({ role, id, term }: RaftState): Leader {
  invariant(role.kind === 'leader', () => `member ${id} does not lead term ${term}`);
  return role;
}

/** What this leader knows of another member. */
export function progressOf(state: RaftState, peer: MemberId): Progress {
  const progress = leaderOf(state).progress.get(peer);
  invariant(progress !== undefined, () => `no progress is kept for member ${peer}`);
  return progress;
}
