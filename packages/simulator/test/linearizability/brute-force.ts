import { isDeepStrictEqual } from 'node:util';
import type { Operation } from '@flotilla/simulator';
import type { PlainObject } from './plain-objects.ts';

/** Whether there is an order of the calls that explains their answers, found by trying all of them. For a handful of calls. */
export function bruteForce(operations: readonly Operation[], object: PlainObject): boolean {
  const isCertain = ({ outcome }: Operation) => outcome === 'ok' || outcome === 'applied';
  const left = operations.filter(({ outcome }) => outcome !== 'fail');
  if (!left.some(isCertain)) return true;
  return left.some((next) => {
    const mustWait = left.some((other) => other !== next && isCertain(other) && other.completeIndex < next.invokeIndex);
    if (mustWait) return false;
    const after = object.copy();
    const answer = after.call(next.f, next.input, next.process);
    if (next.outcome === 'ok' && !isDeepStrictEqual(answer, next.output)) return false;
    return bruteForce(
      left.filter((other) => other !== next),
      after,
    );
  });
}
