import { type MemberId, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'the-recovering-help-nobody';

/**
 * Who may have lost what it promised neither votes nor stands for election, in a term in which it has promised nothing before; until
 * its disk has whatever was committed before its term.
 */
export function theRecoveringHelpNobody({ disks, committed }: Knowledge): Invariant {
  const recovering = new Set<MemberId>();

  function note(member: MemberId, { hardState, log }: DurableLog): void {
    if (hardState.recovering) return void recovering.add(member);
    if (!recovering.delete(member)) return;
    const index = committed.lastIndexBefore(hardState.term);
    if (index > log.snapshotIndex && termAt(log, index) !== committed.termAt(index))
      throw new Violation(
        name,
        `member ${member} has recovered in term ${hardState.term} without entry ${index}, which was committed before`,
      );
  }

  return {
    name,
    source: 'Viewstamped Replication Revisited, 4.3',
    onStarted: (member, _state, disk) => note(member, disk),
    onHealed: note,
    onDurable: note,
    onStep(member, { after }) {
      if (after.recovering && after.role.kind !== 'follower')
        throw new Violation(name, `member ${member} recovers, and is ${after.role.kind}`);
    },
    onSend(from, to, message) {
      if (!disks.get(from)?.hardState.recovering) return;
      if (message.kind === 'request-vote') throw new Violation(name, `member ${from} recovers, and stands for election`);
      if (message.kind === 'vote-reply' && message.granted) throw new Violation(name, `member ${from} recovers, and votes for ${to}`);
    },
  };
}
