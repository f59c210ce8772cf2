import type { Index, MemberId, Membership, Term } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from '../apply-loop.ts';
import { Member } from '../member.ts';
import { commandUnfitness } from '../standing.ts';

/** What the keepers of a group need to know of it. */
@injectable()
export class GroupView {
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  #foundThrough: Index | null = null;
  #stateful: { readonly of: Membership; readonly ids: readonly MemberId[] } | null = null;

  constructor(@inject(Member) member: Member, @inject(ApplyLoop) applyLoop: ApplyLoop) {
    this.#member = member;
    this.#applyLoop = applyLoop;
  }

  get self(): MemberId {
    return this.#member.state.id;
  }

  /** This member leads its group, or has just been elected to. */
  get leads(): boolean {
    return this.#member.state.role.kind === 'leader';
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

  /** What this member had in its log when it was first looked at is not applied yet: its machine shows a state of the past. */
  get isReplaying(): boolean {
    const { lastIndex } = this.#member.state.log;
    this.#foundThrough ??= lastIndex;
    // What nobody else had may have gone from the end of the log meanwhile.
    return this.#applyLoop.appliedIndex < Math.min(this.#foundThrough, lastIndex);
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
