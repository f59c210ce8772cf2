import { leaderOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { bestSuccessor } from './successor.ts';
import { beginTransfer } from './transfer.ts';

/**
 * The disk is full but for what elections, reads and compaction need, or has room again. A leader that can take nothing more hands
 * over, once: whoever takes over may have room. Where nobody does, somebody leads nonetheless.
 */
export function onRoomChanged(step: Step, exhausted: boolean): void {
  if (exhausted === step.state.storageFull) return;
  step.record(exhausted ? { kind: 'storage-filled' } : { kind: 'storage-freed' });
  if (!exhausted || step.state.role.kind !== 'leader' || leaderOf(step.state).transfer !== null) return;
  const successor = bestSuccessor(step);
  if (successor !== null) beginTransfer(step, null, successor);
}
