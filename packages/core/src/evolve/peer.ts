import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { PeerEvent } from '../event.ts';
import type { Leader, Progress } from '../role.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { RaftState } from '../state.ts';
import { type Draft, draftOfLeader, draftOfProgress } from './draft.ts';

export function evolvePeer(next: Draft<RaftState>, event: PeerEvent): void {
  const peer = draftOfProgress(progressOf(next, event.peer));
  changeProgress(peer, event);
  const leader = draftOfLeader(leaderOf(next));
  leader.progress = withProgress(leader.progress, event.peer, peer);
  next.role = leader;
}

/** Entry by entry: through the iterator of a map a copy takes twice as long. */
function withProgress(progress: Leader['progress'], peer: MemberId, changed: Progress): Leader['progress'] {
  const copy = new Map<MemberId, Progress>();
  progress.forEach((known, id) => void copy.set(id, id === peer ? changed : known));
  return copy;
}

function changeProgress(peer: Draft<Progress>, event: PeerEvent): void {
  switch (event.kind) {
    case 'peer-probed':
      peer.probing = true;
      return;
    case 'append-asked':
      peer.sending = true;
      return;
    case 'append-noted': {
      const { lastIndex, bytes, at } = event;
      peer.sending = false;
      peer.nextIndex = lastIndex + 1;
      peer.sentAt = at;
      peer.inflight = [...peer.inflight, { lastIndex, bytes, sentAt: at }];
      return;
    }
    case 'peer-matched': {
      const { matchIndex, batchBytes, at } = event;
      peer.mode = 'replicate';
      peer.probing = false;
      peer.outgoing = null;
      peer.quietSince = null;
      peer.matchIndex = matchIndex;
      peer.batchBytes = batchBytes;
      peer.activeAt = at;
      peer.nextIndex = Math.max(peer.nextIndex, matchIndex + 1);
      peer.inflight = peer.inflight.filter(({ lastIndex }) => lastIndex > matchIndex);
      return;
    }
    case 'peer-rewound':
      startOver(peer);
      peer.mode = 'probe';
      peer.nextIndex = event.nextIndex;
      peer.activeAt = event.at;
      return;
    case 'peer-confirmed':
      peer.confirmedRound = event.round;
      peer.loyalUntil = Math.max(peer.loyalUntil, event.loyalUntil);
      peer.activeAt = event.at;
      return;
    case 'peer-quiet':
      peer.quietSince = event.at;
      return;
    case 'peer-caught-up':
      peer.catchUp = event.catchUp;
      return;
    case 'snapshot-sending':
      startOver(peer);
      peer.mode = 'snapshot';
      peer.outgoing = { snapshot: event.snapshot, offset: 0, movedAt: event.at };
      return;
    case 'chunk-acknowledged':
      invariant(peer.outgoing !== null, `member ${event.peer} is sent no snapshot`);
      peer.quietSince = null;
      peer.activeAt = event.at;
      peer.outgoing = { snapshot: peer.outgoing.snapshot, offset: event.offset, movedAt: event.at };
      return;
    case 'commit-told':
      peer.toldCommit = event.commitIndex;
      return;
  }
}

/** What was on its way does not count any more. */
function startOver(peer: Draft<Progress>): void {
  peer.probing = false;
  peer.sending = false;
  peer.inflight = [];
  peer.outgoing = null;
  peer.quietSince = null;
}
