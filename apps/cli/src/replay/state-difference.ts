import { isDeepStrictEqual } from 'node:util';

/** Something that is not the same in two values. Paths are as in `role.progress[2].matchIndex`; empty for the whole. */
export type Difference =
  | { readonly kind: 'changed'; readonly path: string; readonly before: unknown; readonly after: unknown }
  | { readonly kind: 'added'; readonly path: string; readonly after: unknown }
  | { readonly kind: 'removed'; readonly path: string; readonly before: unknown };

/**
 * What differs, as deep inside as it can be named. What two values share costs nothing, so states that follow each other
 * are compared quickly. A queue shows what left it in front and what came to its end.
 */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (Object.is(before, after)) return [];
  if (before instanceof Map && after instanceof Map) return mapDifferences(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return arrayDifferences(before, after, path);
  if (areOfOneShape(before, after)) return fieldDifferences(before, after, path);
  return isDeepStrictEqual(before, after) ? [] : [{ kind: 'changed', path, before, after }];
}

type Fields = { readonly [name: string]: unknown };

/** Two things of different kinds have nothing to do with each other, and a log or membership is read best as a whole. */
function areOfOneShape(before: unknown, after: unknown): before is Fields {
  return isFields(before) && isFields(after) && before.kind === after.kind && !('runs' in before) && !('highestId' in before);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function fieldDifferences(before: Fields, after: unknown, path: string): readonly Difference[] {
  const names = (fields: Fields) => new Map(Object.entries(fields));
  return keyedDifferences(names(before), names(after as Fields), (name) => (path === '' ? name : `${path}.${name}`));
}

function mapDifferences(before: ReadonlyMap<unknown, unknown>, after: ReadonlyMap<unknown, unknown>, path: string): readonly Difference[] {
  return keyedDifferences(before, after, (key) => `${path}[${String(key)}]`);
}

function keyedDifferences<K>(
  before: ReadonlyMap<K, unknown>,
  after: ReadonlyMap<K, unknown>,
  pathOf: (key: K) => string,
): readonly Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): readonly Difference[] => {
    const path = pathOf(key);
    if (!after.has(key)) return [{ kind: 'removed', path, before: before.get(key) }];
    if (!before.has(key)) return [{ kind: 'added', path, after: after.get(key) }];
    return differences(before.get(key), after.get(key), path);
  });
}

function arrayDifferences(before: readonly unknown[], after: readonly unknown[], path: string): readonly Difference[] {
  const same = commonStart(before, 0, after, 0);
  const left = elementsThatLeft(before, after, same);
  const isQueue = left < before.length - same;
  if (!isQueue && before.length === after.length) return before.flatMap((each, i) => differences(each, after[i], `${path}[${i}]`));
  const kept = before.length - same - left;
  return [
    ...before.slice(same, same + left).map((each, i): Difference => ({ kind: 'removed', path: `${path}[${same + i}]`, before: each })),
    ...after.slice(same + kept).map((each, i): Difference => ({ kind: 'added', path: `${path}[${same + kept + i}]`, after: each })),
  ];
}

/** How many elements from `same` on have to leave `before` until what remains begins `after`. */
function elementsThatLeft(before: readonly unknown[], after: readonly unknown[], same: number): number {
  let left = 0;
  while (same + left < before.length && commonStart(before, same + left, after, same) < before.length - same - left) left++;
  return left;
}

/** How many elements are alike, from these positions on. */
function commonStart(before: readonly unknown[], fromBefore: number, after: readonly unknown[], fromAfter: number): number {
  const most = Math.min(before.length - fromBefore, after.length - fromAfter);
  let same = 0;
  while (same < most && isDeepStrictEqual(before[fromBefore + same], after[fromAfter + same])) same++;
  return same;
}
