import { describeMembership, type MemberInfo, type Membership } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'voters-change-jointly';

/**
 * Who votes changes through joint consensus only: the membership that is entered names the voters that are left, and is left for
 * one that differs from it in nothing else. No number is given twice.
 */
export function votersChangeJointly(): Invariant {
  return {
    name,
    source: 'thesis 4.3',
    onStep(member, { before, after }) {
      if (before.memberships === after.memberships) return;
      const next = after.memberships.at(-1);
      const current = after.memberships.at(-2)?.membership;
      // Who joined does not know what the group was founded with.
      if (current === undefined || next === undefined || current.members.length === 0) return;
      const wrong = whatIsWrong(current, next.membership);
      if (wrong === null) return;
      const change = `from ${describeMembership(current)} to ${describeMembership(next.membership)}`;
      throw new Violation(name, `member ${member} has entry ${next.index}, ${change}: ${wrong}`);
    },
  };
}

function whatIsWrong(current: Membership, next: Membership): string | null {
  if (next.highestId < current.highestId) return 'the highest number goes back';
  const known = new Set([...current.members, ...(current.outgoing ?? [])].map(({ id }) => id));
  const again = next.members.find(({ id }) => !known.has(id) && id <= current.highestId);
  if (again !== undefined) return `number ${again.id} is given twice`;
  if (current.outgoing !== null) {
    const same = next.outgoing === null && JSON.stringify(next.members) === JSON.stringify(current.members);
    return same ? null : 'joint consensus is left for something else';
  }
  if (next.outgoing !== null) return votersOf(next.outgoing) === votersOf(current.members) ? null : 'others are left than vote now';
  return votersOf(next.members) === votersOf(current.members) ? null : 'the voters change in one step';
}

function votersOf(members: readonly MemberInfo[]): string {
  return members
    .filter(({ voter }) => voter)
    .map(({ id }) => id)
    .join();
}
