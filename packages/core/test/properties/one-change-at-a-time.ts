import { ensure, type Property } from './property.ts';

/**
 * A leader appends a membership only once it has committed an entry of its own term, and while no other one waits to be
 * committed ("bug in single-server membership changes", raft-dev 2015; thesis 4.1).
 */
export const oneChangeAtATime: Property = () => (occurrence) => {
  if (occurrence.kind !== 'decided') return;
  const { member, decision } = occurrence;
  const { commitIndex, role, memberships } = decision.state;
  if (role.kind !== 'leader') return;
  const appended = decision.events.flatMap((event) => (event.kind === 'entries-appended' ? event.entries : []));
  if (!appended.some(({ kind }) => kind === 'membership')) return;
  ensure(commitIndex >= role.openingIndex, `member ${member.id} changes the membership before it has committed an entry of its term`);
  const open = memberships.filter(({ index }) => index > commitIndex);
  ensure(open.length === 1, `member ${member.id} has uncommitted memberships at ${open.map(({ index }) => index).join(', ')}`);
};
