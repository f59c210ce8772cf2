import type { MemberId } from '@flotilla/core';

/** What is wrong with some links. */
export type NetworkFault = {
  /** Whether the link in this direction is affected. */
  readonly touches: (from: MemberId, to: MemberId) => boolean;
} & (
  | { readonly kind: 'cut' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'slow'; readonly delayMs: number; readonly jitterMs: number; readonly bytesPerMs: number }
  | { readonly kind: 'lossy'; readonly loss: number; readonly duplication: number; readonly reordering: number }
);
