import type { Index, MemberId } from '@flotilla/core';
import type { AppliedRequest, CommittedRequest } from '@flotilla/state-machine';
import { digestBytes, digestValue } from '../oracle/digest.ts';
import { NumberColumn } from '../oracle/number-column.ts';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'state-machine-safety';

/** What came of an entry. The events are mostly those of the outcome: then they need not be digested twice. */
function all(result: AppliedRequest | undefined): unknown {
  if (result?.outcome.kind !== 'accepted') return result;
  const { outcome, events } = result;
  return events.length === outcome.events.length ? outcome : [outcome, events];
}

/**
 * "If a server has applied a log entry at a given index to its state machine, no other server will ever apply a different log
 * entry for the same index": each machine applies every committed command once, in order, and comes to the same outcome.
 */
export function stateMachineSafety({ entries, committed, applied }: Knowledge): Invariant {
  /** Digests, by index; 0 where nobody has applied the command yet. */
  const outcomes = new NumberColumn(32);

  function isCommitted(member: MemberId, request: CommittedRequest): void {
    const { index, term, time, payload } = request;
    if (index > committed.lastIndex)
      throw new Violation(name, `member ${member} applies entry ${index}, and the leaders have committed ${committed.lastIndex}`);
    const same = committed.termAt(index) === term && committed.timeAt(index) === time && committed.kindAt(index) === 'command';
    if (!same || !(entries.isRecent(request) || committed.payloadAt(index) === digestBytes(payload)))
      throw new Violation(name, `member ${member} applies another command at ${index}, of term ${term}, than is committed there`);
  }

  function follows(member: MemberId, index: Index, last: Index): void {
    if (index <= last) throw new Violation(name, `member ${member} applies entry ${index} behind entry ${last}`);
    for (let between = last + 1; between < index; between++) {
      if (committed.kindAt(between) === 'command')
        throw new Violation(name, `member ${member} applies entry ${index} and leaves out ${between}`);
    }
  }

  function agrees(member: MemberId, index: Index, result: AppliedRequest | undefined): void {
    const digest = digestValue(all(result));
    const known = outcomes.at(index);
    if (known === 0) outcomes.set(index, digest);
    else if (known !== digest)
      throw new Violation(
        name,
        `member ${member} comes to another outcome of entry ${index} than others: ${JSON.stringify(result?.outcome)}`,
      );
  }

  return {
    name,
    source: 'paper, figure 3 and 5.4.3',
    onApplied(member, { requests, results }) {
      let last = applied.get(member) ?? 0;
      for (let i = 0; i < requests.length; i++) {
        const request = requests[i] as CommittedRequest;
        isCommitted(member, request);
        follows(member, request.index, last);
        agrees(member, request.index, results[i]);
        last = request.index;
      }
      applied.set(member, last);
    },
    onRestored(member, snapshot) {
      if (snapshot !== null) applied.set(member, snapshot.index);
    },
    onRecovered(member, index) {
      applied.set(member, index);
    },
    onEnded(member) {
      // A machine begins anew in its next life, unless it finds its state on disk.
      applied.delete(member);
    },
  };
}
