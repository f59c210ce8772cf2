import type { MemberId, Term } from '@flotilla/core';

/** How many terms' votes stay known, the latest ones. */
const termsMax = 1024;

/** Votes that are on disk, or were sent: those that bind. */
export class Ballots {
  readonly #byTerm = new Map<Term, Map<MemberId, MemberId>>();

  /** Takes a vote down; for whom the member has voted in that term: this candidate, or the one of an earlier vote. */
  cast(term: Term, member: MemberId, candidate: MemberId): MemberId {
    const votes = this.#byTerm.get(term) ?? this.#begin(term);
    const first = votes.get(member);
    if (first !== undefined) return first;
    votes.set(member, candidate);
    return candidate;
  }

  /** For whom a member has voted, if for anybody. */
  of(term: Term, member: MemberId): MemberId | undefined {
    return this.#byTerm.get(term)?.get(member);
  }

  #begin(term: Term): Map<MemberId, MemberId> {
    const votes = new Map<MemberId, MemberId>();
    this.#byTerm.set(term, votes);
    if (this.#byTerm.size > termsMax) this.#byTerm.delete(Math.min(...this.#byTerm.keys()));
    return votes;
  }
}
