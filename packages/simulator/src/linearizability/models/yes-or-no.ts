import type { Operation } from '../../history/operation.ts';

/**
 * An answer that says whether the call did what it was to do; null where nobody knows. A success that says nothing more (null) is
 * `otherwise`. Undefined for any other answer.
 */
export function yesOrNo({ outcome, output }: Operation, otherwise: boolean | null): boolean | null | undefined {
  if (outcome !== 'ok') return null;
  if (output === null || output === undefined) return otherwise;
  return typeof output === 'boolean' ? output : undefined;
}
