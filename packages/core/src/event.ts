import type { Entry, Index, MemberId, Term } from './entry.ts';
import type { CatchUp, PausedProposal, PendingRead, Transfer } from './role.ts';
import type { LogBase, SnapshotInfo } from './snapshot.ts';

/** Events that must survive a crash: a member's disk is the fold of these. */
export type DurableEvent =
  | { readonly kind: 'term-advanced'; readonly term: Term }
  | { readonly kind: 'vote-cast'; readonly candidate: MemberId }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'log-truncated'; readonly after: Index }
  | { readonly kind: 'entries-appended'; readonly entries: readonly Entry[] }
  | { readonly kind: 'log-compacted'; readonly base: LogBase }
  | { readonly kind: 'snapshot-installed'; readonly snapshot: SnapshotInfo };

/** What happens to a member whatever its role; a restart forgets it, like all that follows. */
export type MemberEvent =
  | { readonly kind: 'write-issued'; readonly sequence: number; readonly at: number }
  | { readonly kind: 'write-completed'; readonly sequence: number; readonly at: number }
  | { readonly kind: 'election-timeout-drawn'; readonly timeoutMs: number; readonly seed: number }
  | { readonly kind: 'election-timer-started'; readonly at: number }
  | { readonly kind: 'election-passed' }
  | { readonly kind: 'became-follower' }
  | { readonly kind: 'became-pre-candidate' }
  | { readonly kind: 'became-candidate' }
  | { readonly kind: 'became-leader'; readonly openingIndex: Index; readonly at: number }
  | { readonly kind: 'leader-heard'; readonly leader: MemberId; readonly at: number }
  | { readonly kind: 'vote-counted'; readonly from: MemberId; readonly granted: boolean }
  | { readonly kind: 'quiesced' }
  | { readonly kind: 'unquiesced'; readonly at: number }
  | { readonly kind: 'host-lost'; readonly peer: MemberId }
  | { readonly kind: 'host-found'; readonly peer: MemberId }
  | { readonly kind: 'storage-filled' }
  | { readonly kind: 'storage-freed' }
  | { readonly kind: 'commit-advanced'; readonly commitIndex: Index }
  | { readonly kind: 'apply-advanced'; readonly applyIndex: Index };

/** A snapshot is taken, or comes in. */
export type SnapshotEvent =
  | { readonly kind: 'snapshot-taken'; readonly snapshot: SnapshotInfo }
  | { readonly kind: 'snapshot-offered'; readonly snapshot: SnapshotInfo }
  | { readonly kind: 'chunk-accepted' }
  | { readonly kind: 'chunk-stored'; readonly offset: number }
  | { readonly kind: 'restore-begun' }
  | { readonly kind: 'incoming-dropped' };

/** What happens to a leader as such. */
export type LeaderEvent =
  | { readonly kind: 'peer-joined'; readonly peer: MemberId; readonly at: number }
  | { readonly kind: 'peer-left'; readonly peer: MemberId }
  | {
      readonly kind: 'heartbeats-sent';
      readonly round: number;
      readonly at: number;
      readonly nextDeadline: number;
      readonly idleIntervals: number;
    }
  | { readonly kind: 'read-registered'; readonly read: PendingRead }
  | { readonly kind: 'reads-readied'; readonly index: Index; readonly round: number }
  | { readonly kind: 'reads-answered'; readonly count: number }
  | { readonly kind: 'change-requested'; readonly id: number }
  | { readonly kind: 'change-answered' }
  | { readonly kind: 'transfer-begun'; readonly transfer: Transfer }
  | { readonly kind: 'transfer-asked' }
  | { readonly kind: 'transfer-ended' }
  | { readonly kind: 'proposal-paused'; readonly proposal: PausedProposal };

/** What a leader learns of one peer. */
export type PeerEvent =
  | { readonly kind: 'peer-probed'; readonly peer: MemberId }
  | { readonly kind: 'append-asked'; readonly peer: MemberId }
  | { readonly kind: 'append-noted'; readonly peer: MemberId; readonly lastIndex: Index; readonly bytes: number; readonly at: number }
  | { readonly kind: 'peer-matched'; readonly peer: MemberId; readonly matchIndex: Index; readonly batchBytes: number; readonly at: number }
  | { readonly kind: 'peer-rewound'; readonly peer: MemberId; readonly nextIndex: Index; readonly at: number }
  | { readonly kind: 'peer-confirmed'; readonly peer: MemberId; readonly round: number; readonly at: number; readonly loyalUntil: number }
  | { readonly kind: 'peer-quiet'; readonly peer: MemberId; readonly at: number }
  | { readonly kind: 'peer-caught-up'; readonly peer: MemberId; readonly catchUp: CatchUp }
  | { readonly kind: 'snapshot-sending'; readonly peer: MemberId; readonly snapshot: SnapshotInfo; readonly at: number }
  | { readonly kind: 'chunk-acknowledged'; readonly peer: MemberId; readonly offset: number; readonly at: number }
  | { readonly kind: 'commit-told'; readonly peer: MemberId; readonly commitIndex: Index };

/** Events that a restart forgets. */
export type VolatileEvent = MemberEvent | SnapshotEvent | LeaderEvent | PeerEvent;

/** Everything that can happen to a Raft member. Its state is the fold of these over the initial state. */
export type RaftEvent = DurableEvent | VolatileEvent;

/** Which events are durable: one line for each kind, so that a new kind cannot be forgotten here. */
const durable: { readonly [K in RaftEvent['kind']]: boolean } = {
  'term-advanced': true,
  'vote-cast': true,
  recovered: true,
  'log-truncated': true,
  'entries-appended': true,
  'log-compacted': true,
  'snapshot-installed': true,
  'write-issued': false,
  'write-completed': false,
  'election-timeout-drawn': false,
  'election-timer-started': false,
  'election-passed': false,
  'became-follower': false,
  'became-pre-candidate': false,
  'became-candidate': false,
  'became-leader': false,
  'leader-heard': false,
  'vote-counted': false,
  quiesced: false,
  unquiesced: false,
  'host-lost': false,
  'host-found': false,
  'peer-joined': false,
  'peer-left': false,
  'peer-probed': false,
  'append-asked': false,
  'append-noted': false,
  'peer-matched': false,
  'peer-rewound': false,
  'peer-confirmed': false,
  'peer-quiet': false,
  'peer-caught-up': false,
  'snapshot-sending': false,
  'chunk-acknowledged': false,
  'commit-told': false,
  'heartbeats-sent': false,
  'storage-filled': false,
  'storage-freed': false,
  'commit-advanced': false,
  'apply-advanced': false,
  'read-registered': false,
  'reads-readied': false,
  'reads-answered': false,
  'change-requested': false,
  'change-answered': false,
  'transfer-begun': false,
  'transfer-asked': false,
  'transfer-ended': false,
  'proposal-paused': false,
  'snapshot-taken': false,
  'snapshot-offered': false,
  'chunk-accepted': false,
  'chunk-stored': false,
  'restore-begun': false,
  'incoming-dropped': false,
};

export function isDurable(event: RaftEvent): event is DurableEvent {
  return durable[event.kind];
}
