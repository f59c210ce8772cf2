import type { SnapshotEvent } from '../event.ts';
import { incomingOf } from '../roles.ts';
import type { RaftState } from '../state.ts';
import type { Draft } from './draft.ts';

export function evolveSnapshot(next: Draft<RaftState>, event: SnapshotEvent): void {
  switch (event.kind) {
    case 'snapshot-taken':
      next.snapshot = event.snapshot;
      return;
    case 'snapshot-offered':
      next.incoming = { snapshot: event.snapshot, offset: 0, stage: 'waiting' };
      return;
    case 'chunk-accepted':
      next.incoming = { ...incomingOf(next), stage: 'storing' };
      return;
    case 'chunk-stored':
      next.incoming = { ...incomingOf(next), stage: 'waiting', offset: event.offset };
      return;
    case 'restore-begun':
      next.incoming = { ...incomingOf(next), stage: 'restoring' };
      return;
    case 'incoming-dropped':
      next.incoming = null;
      return;
  }
}
