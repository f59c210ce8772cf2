import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterClient, ClusterMembers } from '@flotilla/client';
import { FlotillaError } from '@flotilla/core';
import { catchUpLine } from './members-view.ts';

export interface AwaitOptions {
  readonly timeoutMs: number;
  readonly pollMs: number;
  /** Hears how far those have come that are waited for, whenever that changed. */
  readonly onProgress: (line: string) => void;
}

/** Who is to be a member, to vote, and to be gone. */
interface ExpectedChange {
  readonly added: readonly number[];
  readonly voters: readonly number[];
  readonly removed: readonly number[];
}

/**
 * Waits until a change has happened, and returns the members then. Throws `timeout` where that takes longer, and
 * `change_cancelled` where no change is under way any more and it has not.
 */
export async function awaitChange(
  client: ClusterClient,
  expected: ExpectedChange,
  { timeoutMs, pollMs, onProgress }: AwaitOptions,
): Promise<ClusterMembers> {
  const end = performance.now() + timeoutMs;
  let shown = '';
  for (;;) {
    const view = await client.members();
    // A member that is not the leader may know an older membership. Somebody else's change may follow on this one.
    if (view.leader === view.member) {
      if (hasHappened(view, expected)) return view;
      if (!view.changeUnderWay) throw cancelled(view, expected);
    }
    const line = catchUpLine(view);
    if (line !== shown && line !== '') onProgress(line);
    shown = line;
    if (performance.now() > end) {
      const hint =
        'It goes on without you: look at flotilla members list. Start those that are waited for, or give up on them with flotilla members remove.';
      throw new FlotillaError('timeout', `the change is not complete after ${timeoutMs} ms${line === '' ? '' : `: ${line}`}`, hint);
    }
    await delay(pollMs);
  }
}

function hasHappened(view: ClusterMembers, expected: ExpectedChange): boolean {
  return missing(view, expected).length === 0 && !expected.removed.some((id) => view.members.some((member) => member.id === id));
}

/** Those of `added` that are no members, and of `voters` that do not vote. */
function missing({ members }: ClusterMembers, { added, voters }: ExpectedChange): readonly number[] {
  const gone = added.filter((id) => !members.some((member) => member.id === id));
  const voteless = voters.filter((id) => members.some((member) => member.id === id && member.role === 'learner'));
  return [...gone, ...voteless];
}

function cancelled(view: ClusterMembers, expected: ExpectedChange): FlotillaError {
  const who = [...missing(view, expected), ...expected.removed.filter((id) => view.members.some((member) => member.id === id))];
  return new FlotillaError(
    'change_cancelled',
    `somebody cancelled the change: ${who.join(', ')} did not become what was asked for`,
    'Look at flotilla members list.',
  );
}
