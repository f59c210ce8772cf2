import type { Index } from '@flotilla/core';
import { digestBytes } from '../oracle/digest.ts';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'snapshot-equals-replay';

/** How many states stay known, the latest ones. */
const statesMax = 4096;

/**
 * Machines that have applied the same commands write the same state; and the state that a member is given in the place of the
 * commands is the one that somebody had who applied them. So is what that member writes later.
 */
export function snapshotEqualsReplay({ committed, applied }: Knowledge): Invariant {
  /** Digests by the last command that the state comes from, and who was first. */
  const states = new Map<Index, { readonly digest: number; readonly member: number }>();

  function compare(index: Index, state: Uint8Array, member: number, how: string): void {
    const command = committed.lastCommand(index);
    const digest = digestBytes(state);
    const known = states.get(command);
    if (known !== undefined && known.digest !== digest)
      throw new Violation(name, `member ${member} ${how} another state as of entry ${command} than member ${known.member} wrote`);
    if (known !== undefined) return;
    states.set(command, { digest, member });
    if (states.size <= statesMax) return;
    for (const oldest of states.keys()) {
      states.delete(oldest);
      break;
    }
  }

  return {
    name,
    source: 'paper 7, thesis 5.1',
    onSnapshot(member, state) {
      compare(applied.get(member) ?? 0, state, member, 'writes');
    },
    onRecovered(member, index, state) {
      if (index > committed.lastIndex)
        throw new Violation(name, `member ${member} finds a state of ${index}, and the leaders have committed ${committed.lastIndex}`);
      compare(index, state, member, 'finds');
    },
    onRestored(member, snapshot, state) {
      if (snapshot === null) return;
      if (snapshot.index > committed.lastIndex)
        throw new Violation(
          name,
          `member ${member} is given a snapshot of ${snapshot.index}, and the leaders have committed ${committed.lastIndex}`,
        );
      compare(snapshot.index, state, member, 'is given');
    },
  };
}
