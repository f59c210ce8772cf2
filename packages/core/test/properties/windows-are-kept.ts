import { ensure, type Property } from './property.ts';

/** No append is longer than `appendEntriesMax`, and no more than `inflightEntriesMax` entries are unacknowledged. */
export const windowsAreKept: Property = (cluster) => (occurrence) => {
  if (occurrence.kind !== 'sent' || occurrence.envelope.message.kind !== 'append') return;
  const { from, to, message } = occurrence.envelope;
  const { role } = cluster.stateOf(from);
  const { appendEntriesMax, inflightEntriesMax } = cluster.config;
  const { length } = message.entries;
  ensure(length <= appendEntriesMax, `member ${from} sends ${length} entries at once`);
  // A probe carries one entry, wherever that is.
  if (length <= 1 || role.kind !== 'leader') return;
  const unacknowledged = message.prevIndex + length - (role.progress.get(to)?.matchIndex ?? 0);
  ensure(unacknowledged <= inflightEntriesMax, `member ${from} has ${unacknowledged} entries on their way to member ${to}`);
};
