import { invariant } from '../errors.ts';
import type { PeerEvent } from '../event.ts';
import type { Progress } from '../role.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { RaftState } from '../state.ts';

export function evolvePeer(state: RaftState, event: PeerEvent): RaftState {
  const leader = leaderOf(state);
  const progress = progressAfter(progressOf(state, event.peer), event);
  return { ...state, role: { ...leader, progress: new Map(leader.progress).set(event.peer, progress) } };
}

function progressAfter(peer: Progress, event: PeerEvent): Progress {
  switch (event.kind) {
    case 'peer-probed':
      return { ...peer, probing: true };
    case 'append-asked':
      return { ...peer, sending: true };
    case 'append-noted': {
      const { lastIndex, bytes, at } = event;
      return {
        ...peer,
        sending: false,
        nextIndex: lastIndex + 1,
        sentAt: at,
        inflight: [...peer.inflight, { lastIndex, bytes, sentAt: at }],
      };
    }
    case 'peer-matched': {
      const { matchIndex, batchBytes, at } = event;
      return {
        ...peer,
        mode: 'replicate',
        probing: false,
        outgoing: null,
        quietSince: null,
        matchIndex,
        batchBytes,
        activeAt: at,
        nextIndex: Math.max(peer.nextIndex, matchIndex + 1),
        inflight: peer.inflight.filter(({ lastIndex }) => lastIndex > matchIndex),
      };
    }
    case 'peer-rewound':
      return { ...startOver(peer), mode: 'probe', nextIndex: event.nextIndex, activeAt: event.at };
    case 'peer-confirmed':
      return { ...peer, confirmedRound: event.round, loyalUntil: Math.max(peer.loyalUntil, event.loyalUntil), activeAt: event.at };
    case 'peer-quiet':
      return { ...peer, quietSince: event.at };
    case 'peer-caught-up':
      return { ...peer, catchUp: event.catchUp };
    case 'snapshot-sending':
      return { ...startOver(peer), mode: 'snapshot', outgoing: { snapshot: event.snapshot, offset: 0, movedAt: event.at } };
    case 'chunk-acknowledged':
      invariant(peer.outgoing !== null, `member ${event.peer} is sent no snapshot`);
      return { ...peer, quietSince: null, activeAt: event.at, outgoing: { ...peer.outgoing, offset: event.offset, movedAt: event.at } };
    case 'commit-told':
      return { ...peer, toldCommit: event.commitIndex };
  }
}

/** What was on its way does not count any more. */
function startOver(peer: Progress): Progress {
  return { ...peer, probing: false, sending: false, inflight: [], outgoing: null, quietSince: null };
}
