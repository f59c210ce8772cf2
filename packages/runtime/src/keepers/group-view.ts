import type { MemberId, Membership, Term } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from '../apply-loop.ts';
import { Member } from '../member.ts';
import { commandUnfitness } from '../standing.ts';

/** What the keepers of a group need to know of it. */
@injectable()
export class GroupView {
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  #stateful: { readonly of: Membership; readonly ids: readonly MemberId[] } | null = null;

  constructor(@inject(Member) member: Member, @inject(ApplyLoop) applyLoop: ApplyLoop) {
    this.#member = member;
    this.#applyLoop = applyLoop;
  }

  get self(): MemberId {
    return this.#member.state.id;
  }

  /** The term in which this member leads, once everything from before is applied here; null where it does not. */
  get leadingTerm(): Term | null {
    const { role, term } = this.#member.state;
    const leads = role.kind === 'leader' && this.#applyLoop.appliedIndex >= role.openingIndex;
    return leads && this.mayPropose ? term : null;
  }

  /** There is a leader to take what this member proposes, and this member will see what comes of it. */
  get mayPropose(): boolean {
    const { state, standing } = this.#member;
    return state.leader !== null && commandUnfitness(state, standing) === null;
  }

  /** Who keeps state, ascending by id: everybody but witnesses, also whom the membership is about to leave behind. */
  get statefulMembers(): readonly MemberId[] {
    const { membership } = this.#member.state;
    // Asked after each batch of entries, and it seldom changes.
    if (this.#stateful?.of !== membership) this.#stateful = { of: membership, ids: statefulMembers(membership) };
    return this.#stateful.ids;
  }

  /** Log time of the last entry of the log, in milliseconds. */
  get logTime(): number {
    return this.#member.state.logTime;
  }

  /** The log goes on behind what is applied here. */
  get isBehind(): boolean {
    return this.#member.state.log.lastIndex > this.#applyLoop.appliedIndex;
  }
}

function statefulMembers({ members, outgoing }: Membership): readonly MemberId[] {
  const stateful = [...members, ...(outgoing ?? [])].filter(({ witness }) => !witness);
  return [...new Set(stateful.map(({ id }) => id))].sort((a, b) => a - b);
}
