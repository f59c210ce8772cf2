import { ensure, type Property } from './property.ts';

/** A witness keeps no commands, and everybody else has all of them (thesis 11.7.2 on witnesses). */
export const payloadsWhereTheyBelong: Property = () => (occurrence) => {
  if (occurrence.kind !== 'decided') return;
  const { member, decision } = occurrence;
  for (const event of decision.events) {
    if (event.kind !== 'entries-appended') continue;
    for (const { index, kind, payload } of event.entries) {
      const right = kind !== 'command' || (payload.length === 0) === decision.state.witness;
      ensure(right, `member ${member.id} takes entry ${index} with ${payload.length} bytes`);
    }
  }
};
