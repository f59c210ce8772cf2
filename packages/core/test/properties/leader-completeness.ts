import { ensure, type Property, sameEntry } from './property.ts';

/** "If a log entry is committed in a given term, it is present in the logs of the leaders of all later terms" (figure 3, 5.4). */
export const leaderCompleteness: Property = (_cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'decided' || !occurrence.decision.events.some((event) => event.kind === 'became-leader')) return;
  const { id, term, log } = occurrence.decision.state;
  for (const { entry, inTerm } of history.committed) {
    const has = inTerm >= term || entry.index <= log.snapshotIndex || sameEntry(occurrence.member.log.at(entry.index), entry);
    ensure(has, `member ${id} leads term ${term} without entry ${entry.index}, committed in term ${inTerm}`);
  }
};
