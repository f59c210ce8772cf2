import { ensure, type Property } from './property.ts';

/** Messages go to other members (paper 5.1: servers talk to each other by remote procedure calls). */
export const nobodyTalksToItself: Property = () => (occurrence) => {
  if (occurrence.kind !== 'sent') return;
  const { from, to, message } = occurrence.envelope;
  ensure(from !== to, `member ${from} sends itself a ${message.kind}`);
};
