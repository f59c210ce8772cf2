import type { Membership, MembershipChange } from '@flotilla/core';
import { isRecord } from './answer.ts';
import type { Caller } from './caller.ts';
import { isClientError } from './client-error.ts';
import type { CallOptions, Settings } from './options.ts';

/** A member of a group as another one, best the leader, sees it. */
export interface ClusterMember {
  readonly id: number;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly role: 'voter' | 'learner' | 'witness';
  readonly priority: number;
  /** It is being removed, and still counts until that is committed. */
  readonly leaving: boolean;
  /** What the leader knows of it; null on other members, and of the leader itself. */
  readonly progress: {
    readonly matchIndex: number;
    readonly mode: 'probe' | 'replicate' | 'snapshot';
    /** Milliseconds since it last answered. */
    readonly silentMs: number;
    /** For a learner that is to be promoted: rounds count from 1, and one that is `done` was short enough. */
    readonly catchUp: { readonly round: number; readonly targetIndex: number; readonly done: boolean } | null;
  } | null;
}

/** Who belongs to a group. */
export interface ClusterMembers {
  /** Whose view this is. */
  readonly member: number;
  readonly leader: number | null;
  readonly members: readonly ClusterMember[];
  /** A change that waits until those who are to vote have caught up. */
  readonly pendingChange: { readonly promote: readonly number[]; readonly remove: readonly number[] } | null;
  /** Some change is not complete: it is waited for, or it is being committed. */
  readonly changeUnderWay: boolean;
  /** The member to which leadership is being transferred. */
  readonly transferTo: number | null;
}

/** A change that was committed; or, where its membership has a `pending` part, that it waits is. */
export interface ChangedMembership {
  readonly index: number;
  readonly membership: Membership;
}

/** What operators do with a group, whatever its machine. */
export interface MembershipMethods {
  /** The leader's view where the leader answers, otherwise that of any member. */
  members(options?: CallOptions): Promise<ClusterMembers>;
  /**
   * Adds, removes and promotes members, all in one step. A `ClientError` says why it was refused; with outcome `unknown`
   * look at {@link members} before another attempt.
   */
  changeMembership(change: MembershipChange, options?: CallOptions): Promise<ChangedMembership>;
  /** Makes another voter the leader. */
  transferLeadership(target: number, options?: CallOptions): Promise<void>;
}

export function membershipMethods(caller: Caller, settings: Settings): MembershipMethods {
  const view = async (of: 'any' | 'leader', options?: CallOptions) =>
    (await caller.call({ kind: 'members', view: of }, options)) as unknown as ClusterMembers;
  return {
    async members(options = {}) {
      const near = await view('any', options);
      // One that knows no leader may have been removed, while the others have one.
      if (near.leader === near.member) return near;
      const timeoutMs = Math.min(options.timeoutMs ?? settings.timeoutMs, settings.attemptTimeoutMs);
      try {
        return await view('leader', { ...options, timeoutMs });
      } catch (error) {
        if (isClientError(error) && error.code !== 'aborted' && error.code !== 'closed') return near;
        throw error;
      }
    },
    async changeMembership(change, options) {
      return (await caller.call({ kind: 'change-membership', change }, options)) as unknown as ChangedMembership;
    },
    async transferLeadership(target, options) {
      await caller.call({ kind: 'transfer-leadership', target }, options);
    },
  };
}

/** Where clients reach the members that serve data, from an answer that has the members. */
export function clientAddresses(answer: unknown): readonly string[] {
  const members = isRecord(answer) && Array.isArray(answer.members) ? (answer.members as readonly unknown[]) : [];
  return members
    .filter(isRecord)
    .filter(({ role, leaving }) => role !== 'witness' && leaving !== true)
    .map(({ clientAddress }) => clientAddress)
    .filter((address) => typeof address === 'string');
}
