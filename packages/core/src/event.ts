import type { Entry, Index, MemberId, Term } from './entry.ts';
import type { PendingRead } from './state.ts';

/** Events that must survive a crash: a member's disk is the fold of these. */
export type DurableEvent =
  | { readonly kind: 'term-advanced'; readonly term: Term }
  | { readonly kind: 'vote-cast'; readonly candidate: MemberId }
  | { readonly kind: 'log-truncated'; readonly after: Index }
  | { readonly kind: 'entries-appended'; readonly entries: readonly Entry[] };

/** Events that a restart forgets. */
export type VolatileEvent =
  | { readonly kind: 'write-issued'; readonly sequence: number }
  | { readonly kind: 'write-completed'; readonly sequence: number }
  | { readonly kind: 'election-timeout-drawn'; readonly timeoutMs: number; readonly seed: number }
  | { readonly kind: 'election-timer-started'; readonly at: number }
  | { readonly kind: 'became-follower' }
  | { readonly kind: 'became-candidate' }
  | { readonly kind: 'became-leader'; readonly openingIndex: Index }
  | { readonly kind: 'leader-learned'; readonly leader: MemberId }
  | { readonly kind: 'vote-counted'; readonly from: MemberId; readonly granted: boolean }
  | { readonly kind: 'peer-probed'; readonly peer: MemberId }
  | { readonly kind: 'peer-sent'; readonly peer: MemberId; readonly nextIndex: Index }
  | { readonly kind: 'peer-matched'; readonly peer: MemberId; readonly matchIndex: Index }
  | { readonly kind: 'peer-rewound'; readonly peer: MemberId; readonly nextIndex: Index }
  | { readonly kind: 'peer-confirmed'; readonly peer: MemberId; readonly round: number }
  | { readonly kind: 'peer-quiet'; readonly peer: MemberId; readonly at: number }
  | { readonly kind: 'commit-told'; readonly peer: MemberId; readonly commitIndex: Index }
  | { readonly kind: 'heartbeats-sent'; readonly round: number; readonly nextDeadline: number }
  | { readonly kind: 'commit-advanced'; readonly commitIndex: Index }
  | { readonly kind: 'apply-advanced'; readonly applyIndex: Index }
  | { readonly kind: 'read-registered'; readonly read: PendingRead }
  | { readonly kind: 'reads-readied'; readonly index: Index; readonly round: number }
  | { readonly kind: 'reads-answered'; readonly count: number };

/** Everything that can happen to a Raft member. Its state is the fold of these over the initial state. */
export type RaftEvent = DurableEvent | VolatileEvent;

/** Which events are durable: one line for each kind, so that a new kind cannot be forgotten here. */
const durable: { readonly [K in RaftEvent['kind']]: boolean } = {
  'term-advanced': true,
  'vote-cast': true,
  'log-truncated': true,
  'entries-appended': true,
  'write-issued': false,
  'write-completed': false,
  'election-timeout-drawn': false,
  'election-timer-started': false,
  'became-follower': false,
  'became-candidate': false,
  'became-leader': false,
  'leader-learned': false,
  'vote-counted': false,
  'peer-probed': false,
  'peer-sent': false,
  'peer-matched': false,
  'peer-rewound': false,
  'peer-confirmed': false,
  'peer-quiet': false,
  'commit-told': false,
  'heartbeats-sent': false,
  'commit-advanced': false,
  'apply-advanced': false,
  'read-registered': false,
  'reads-readied': false,
  'reads-answered': false,
};

export function isDurable(event: RaftEvent): event is DurableEvent {
  return durable[event.kind];
}
