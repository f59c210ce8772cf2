import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from './random.ts';

describe('draw', () => {
  it('is a function of the seed, and stays in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { seed: next, value } = draw(seed);
        expect(draw(seed)).toEqual({ seed: next, value });
        expect(Number.isInteger(next)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
      }),
    );
  });

  it('gives the same numbers on every machine', () => {
    let seed = 1;
    const values = Array.from({ length: 3 }, () => {
      const drawn = draw(seed);
      seed = drawn.seed;
      return drawn.value;
    });
    expect(values).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('spreads over the range', () => {
    const buckets = new Array<number>(10).fill(0);
    let seed = 42;
    for (let i = 0; i < 10_000; i++) {
      const drawn = draw(seed);
      seed = drawn.seed;
      const bucket = Math.floor(drawn.value * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
