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

/**
 * Waits until no change is under way any more, and returns the members then. Throws `timeout` where that takes longer, and
 * `change_cancelled` where somebody in `added` is no member any more, or somebody in `voters` does not vote.
 */
export async function awaitChange(
  client: ClusterClient,
  expected: { readonly added: readonly number[]; readonly voters: readonly number[] },
  { timeoutMs, pollMs, onProgress }: AwaitOptions,
): Promise<ClusterMembers> {
  const end = performance.now() + timeoutMs;
  let shown = '';
  for (;;) {
    const view = await client.members();
    // A member that is not the leader may know an older membership.
    if (!view.changeUnderWay && view.leader === view.member) return assertHappened(view, expected);
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

function assertHappened(
  view: ClusterMembers,
  { added, voters }: { readonly added: readonly number[]; readonly voters: readonly number[] },
): ClusterMembers {
  const gone = added.filter((id) => !view.members.some((member) => member.id === id));
  const voteless = voters.filter((id) => view.members.some((member) => member.id === id && member.role === 'learner'));
  if (gone.length + voteless.length === 0) return view;
  throw new FlotillaError(
    'change_cancelled',
    `somebody cancelled the change: ${[...gone, ...voteless].join(', ')} did not become what was asked for`,
    'Look at flotilla members list.',
  );
}
