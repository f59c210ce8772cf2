import type { MemberId, Term } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'one-vote-per-term';

/** "Each server will vote for at most one candidate in a given term", on its disk and in what it says, across its lives too. */
export function oneVotePerTerm({ ballots }: Knowledge): Invariant {
  function voted(term: Term, member: MemberId, candidate: MemberId): void {
    const first = ballots.cast(term, member, candidate);
    if (first !== candidate) throw new Violation(name, `member ${member} votes for ${first} and for ${candidate} in term ${term}`);
  }

  return {
    name,
    source: 'paper 5.2',
    onStarted(member, { term, vote }) {
      if (vote !== null) voted(term, member, vote);
    },
    onDurable(member, { hardState: { term, vote } }) {
      if (vote !== null) voted(term, member, vote);
    },
    onSend(from, to, message) {
      if (message.kind === 'request-vote') voted(message.term, from, from);
      else if (message.kind === 'vote-reply' && message.granted) voted(message.term, from, to);
    },
  };
}
