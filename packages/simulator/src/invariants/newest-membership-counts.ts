import { decodeMembership, type Index, type MemberId, type PlacedMembership, type RaftEvent, type RaftState } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'newest-membership-counts';

/**
 * Each member goes by the newest membership in its log, committed or not: through truncation, compaction and restart. What is
 * committed is the same everywhere.
 */
export function newestMembershipCounts({ committed }: Knowledge): Invariant {
  function check(member: MemberId, { membership, memberships, log, commitIndex }: RaftState, expected: readonly Index[]): void {
    const placed = memberships.map(({ index }) => index);
    if (placed.join() !== expected.join())
      throw new Violation(
        name,
        `member ${member} knows of memberships at ${placed.join(', ')}; its log has them at ${expected.join(', ')}`,
      );
    if (membership !== memberships.at(-1)?.membership)
      throw new Violation(name, `member ${member} does not go by the membership at ${placed.at(-1)}, the newest in its log`);
    if (log.lastIndex < (placed.at(-1) ?? 0))
      throw new Violation(name, `member ${member} goes by the membership at ${placed.at(-1)}, and its log ends at ${log.lastIndex}`);
    // What it has not committed itself may still be cut off.
    for (const each of memberships) if (each.index > 0 && each.index <= commitIndex) agree(member, each);
  }

  /** What counts at the beginning of a log that is compacted is a membership of an entry before. */
  function agree(member: MemberId, { index, membership }: PlacedMembership): void {
    const known = committed.membershipAt(index);
    if (known === null || membership.members.length === 0 || JSON.stringify(known) === JSON.stringify(membership)) return;
    throw new Violation(name, `member ${member} has another membership as of entry ${index} than was committed`);
  }

  return {
    name,
    source: 'thesis 4.1',
    onStarted(member, state) {
      check(
        member,
        state,
        state.memberships.map(({ index }) => index),
      );
    },
    onStep(member, { before, after, events }) {
      if (before.memberships === after.memberships) return;
      check(member, after, placesAfter(before, after, events));
      const last = after.memberships.at(-1);
      for (const event of events) {
        if (event.kind !== 'entries-appended') continue;
        const entry = event.entries.find(({ index }) => index === last?.index);
        if (entry !== undefined && JSON.stringify(decodeMembership(entry.payload)) !== JSON.stringify(last?.membership))
          throw new Violation(name, `member ${member} reads another membership out of entry ${entry.index} than is in it`);
      }
    },
  };
}

/** Where a log has memberships after these events, its beginning included. */
function placesAfter(before: RaftState, after: RaftState, events: readonly RaftEvent[]): readonly Index[] {
  let places = before.memberships.map(({ index }) => index);
  for (const event of events) {
    if (event.kind === 'log-truncated') places = places.filter((index) => index <= event.after);
    if (event.kind === 'log-compacted') places = [event.base.index, ...places.filter((index) => index > event.base.index)];
    if (event.kind === 'snapshot-installed') {
      const { index: base } = event.snapshot;
      const keeps = after.log.lastIndex > base;
      places = [base, ...(keeps ? places.filter((index) => index > base) : [])];
    }
    if (event.kind === 'entries-appended')
      places.push(...event.entries.filter(({ kind }) => kind === 'membership').map(({ index }) => index));
  }
  return places;
}
