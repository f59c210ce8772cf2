/** Whether two values of a state are equal in all of their parts. What is the same object needs no look: most parts are. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return sameItems(a, b as readonly unknown[]);
  if (a instanceof Uint8Array) return sameItems(a, b as Uint8Array);
  if (a instanceof Map) return sameMap(a, b as ReadonlyMap<unknown, unknown>);
  return sameFields(a as Record<string, unknown>, b as Record<string, unknown>);
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
  return true;
}

/** Also in the order of their keys, which members go by. */
function sameMap(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [key, value] of a) {
    const [otherKey, other] = others.next().value as [unknown, unknown];
    if (!Object.is(key, otherKey) || !sameValue(value, other)) return false;
  }
  return true;
}

function sameFields(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key in b) if (!(key in a)) return false;
  for (const key in a) if (!(key in b) || !sameValue(a[key], b[key])) return false;
  return true;
}
