import type { MemberId } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/** "Each server will vote for at most one candidate in a given term" (paper 5.2), across crashes too. */
export const oneVotePerTerm: Property = () => {
  const votes = new Map<string, MemberId>();
  return (occurrence) => {
    if (occurrence.kind !== 'sent') return;
    const { from, to, message } = occurrence.envelope;
    const granted = message.kind === 'vote-reply' && message.granted;
    if (!granted && message.kind !== 'request-vote') return;
    const candidate = granted ? to : from;
    const ballot = `member ${from} in term ${message.term}`;
    const first = votes.get(ballot) ?? candidate;
    ensure(first === candidate, `${ballot} votes for ${first} and for ${candidate}`);
    votes.set(ballot, candidate);
  };
};
