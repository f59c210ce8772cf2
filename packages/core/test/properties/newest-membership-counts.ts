import { ensure, type Property } from './property.ts';

/** Each member goes by the newest membership in its log, committed or not (thesis 4.1), through truncation and restart. */
export const newestMembershipCounts: Property = () => (occurrence) => {
  if (occurrence.kind !== 'decided' && occurrence.kind !== 'started') return;
  const { member } = occurrence;
  const state = occurrence.kind === 'decided' ? occurrence.decision.state : occurrence.state;
  if (occurrence.kind === 'decided' && state.memberships === occurrence.before.memberships) return;
  const inLog = member.log.memberships();
  const same = JSON.stringify(state.memberships) === JSON.stringify(inLog) && state.membership === state.memberships.at(-1)?.membership;
  ensure(same, `member ${member.id} goes by other memberships than those in its log`);
};
