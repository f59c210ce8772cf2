import type { MembershipChange } from '@flotilla/core';
import type { QueryOptions } from '@flotilla/runtime';
import type { SessionStamp } from '@flotilla/state-machine';

/** What a client can ask of a member, whatever protocol carries it. */
export type MemberCall =
  | { readonly kind: 'command'; readonly name: string; readonly input: unknown; readonly stamp: SessionStamp | null }
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly input: unknown;
      readonly freshness: Pick<QueryOptions, 'consistency' | 'maxStalenessMs'>;
    }
  | { readonly kind: 'open-session'; readonly ttlMs: number }
  | { readonly kind: 'keep-session'; readonly session: number }
  | { readonly kind: 'close-session'; readonly session: number }
  | { readonly kind: 'status' }
  | { readonly kind: 'members'; readonly view: 'any' | 'leader' }
  | { readonly kind: 'change-membership'; readonly change: MembershipChange }
  | { readonly kind: 'transfer-leadership'; readonly target: number };

/** How long a call may take, in milliseconds. */
export const timeoutRange = { min: 1, max: 600_000 } as const;

/** The bound of a stale read, in milliseconds. */
export const stalenessRange = { min: 1, max: 3_600_000 } as const;
