import type { SnapshotEvent } from '../event.ts';
import { incomingOf } from '../roles.ts';
import type { RaftState } from '../state.ts';

export function evolveSnapshot(state: RaftState, event: SnapshotEvent): RaftState {
  switch (event.kind) {
    case 'snapshot-taken':
      return { ...state, snapshot: event.snapshot };
    case 'snapshot-offered':
      return { ...state, incoming: { snapshot: event.snapshot, offset: 0, stage: 'waiting' } };
    case 'chunk-accepted':
      return { ...state, incoming: { ...incomingOf(state), stage: 'storing' } };
    case 'chunk-stored':
      return { ...state, incoming: { ...incomingOf(state), stage: 'waiting', offset: event.offset } };
    case 'restore-begun':
      return { ...state, incoming: { ...incomingOf(state), stage: 'restoring' } };
    case 'incoming-dropped':
      return { ...state, incoming: null };
  }
}
