import type { Index, MemberId } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'reads-are-covered';

/** A read that waits for a leader's confirmation. */
interface Waiting {
  /** The leader may answer it at this index; null until its opening entry is committed. */
  index: Index | null;
  /** What was committed when it was asked for. */
  readonly least: Index;
}

/** A read that a leader has confirmed is served at an index that covers everything that was committed when it was asked for. */
export function readsAreCovered({ committed }: Knowledge): Invariant {
  /** As the leaders have them, oldest first: no more than their configuration lets wait. */
  const waiting = new Map<MemberId, Waiting[]>();

  function answered(member: MemberId, reads: readonly Waiting[]): void {
    for (const { index, least } of reads) {
      if (index === null || index < least)
        throw new Violation(name, `member ${member} answers a read at ${index}, and ${least} was committed before it was asked for`);
      if (index > committed.lastIndex)
        throw new Violation(name, `member ${member} answers a read at ${index}, and the leaders have committed ${committed.lastIndex}`);
    }
  }

  return {
    name,
    source: 'thesis 6.4',
    onStep(member, { before, after, events }) {
      const { role } = after;
      if (role.kind !== 'leader') {
        if (before.role.kind === 'leader') waiting.delete(member);
        return;
      }
      if (before.role.kind === 'leader' && before.role.reads === role.reads) return;
      const reads = waiting.get(member) ?? [];
      waiting.set(member, reads);
      for (const event of events) {
        if (event.kind === 'became-leader') reads.length = 0;
        else if (event.kind === 'read-registered') reads.push({ index: event.read.ready?.index ?? null, least: committed.lastIndex });
        else if (event.kind === 'reads-readied') for (const read of reads) read.index ??= event.index;
        else if (event.kind === 'reads-answered') answered(member, reads.splice(0, event.count));
      }
    },
    onEnded(member) {
      waiting.delete(member);
    },
  };
}
