/** One draw of a seeded generator: the next seed, and a number in [0, 1). */
export interface Draw {
  readonly seed: number;
  readonly value: number;
}

/** mulberry32 (Tommy Ettinger, public domain): small, seedable, good enough to keep election timeouts apart. */
export function draw(seed: number): Draw {
  const next = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(next ^ (next >>> 15), next | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return { seed: next, value: ((t ^ (t >>> 14)) >>> 0) / 4294967296 };
}
