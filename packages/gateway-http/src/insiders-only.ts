import { type Group, type GroupStatus, isRuntimeError } from '@flotilla/runtime';
import { HttpError, unavailable } from './http-error.ts';

/**
 * Why this host serves nothing of its group, or null: it was removed, or it waits to be added. What it has applied is then
 * older than any bound.
 */
export function outsideReason(standing: GroupStatus['standing']): string | null {
  switch (standing) {
    case 'removed':
      return 'this member was removed from its group';
    case 'joining':
      return 'this member waits to be added to its group';
    case 'voter':
    case 'learner':
    case 'witness':
      return null;
  }
}

/**
 * The group as clients may use it: who is no member refuses every call, with `member_removed` or `not_ready`. A client that
 * hears it goes on to another member. Status and membership can still be looked at.
 */
export function insidersOnly(group: Group): Group {
  // Consensus has no leader for an outsider, so asking afterwards is enough, and costs those inside nothing.
  const explained = async <Result>(call: Promise<Result>): Promise<Result> => {
    try {
      return await call;
    } catch (error) {
      if (isRuntimeError(error) && error.outcome === 'not-applied') assertInside(group);
      throw error;
    }
  };
  return {
    id: group.id,
    events$: group.events$,
    applied$: group.applied$,
    roles$: group.roles$,
    raft$: group.raft$,
    status: () => group.status(),
    journalStart: () => group.journalStart(),
    execute: (command, options) => explained(group.execute(command, options)),
    async query(type, input, options) {
      // A stale read asks nobody.
      if (options?.consistency === 'stale') assertInside(group);
      return explained(group.query(type, input, options));
    },
    changeMembership: (change, options) => explained(group.changeMembership(change, options)),
    transferLeadership: (target, options) => explained(group.transferLeadership(target, options)),
    events: (options) => group.events(options),
  };
}

/** Throws where the member serves nothing. */
export function assertInside(group: Group): void {
  const { standing } = group.status();
  const reason = outsideReason(standing);
  if (reason === null) return;
  if (standing === 'joining') throw unavailable('not_ready', reason, 'Use another member until this one was added.');
  throw new HttpError(421, 'member_removed', reason, 'Use another member, and stop this one.', { extra: { outcome: 'not-applied' } });
}
