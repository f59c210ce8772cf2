import { ensure, type Property } from './property.ts';

/** A decision asks for one write at most, before anything else: what it replicates may be what it writes. */
export const writesComeFirst: Property = () => (occurrence) => {
  if (occurrence.kind !== 'decided') return;
  const { member, input, decision } = occurrence;
  const last = decision.effects.findLastIndex(({ kind }) => kind === 'persist');
  ensure(last <= 0, `the write of member ${member.id} at ${input.kind} is effect ${last + 1} of its decision`);
};
