import fc from 'fast-check';
import { expect, it } from 'vitest';
import { removeParts } from './remove-parts.ts';

it('leaves exactly the parts that are needed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), fc.func(fc.boolean()), async (parts, isNeeded) => {
      const needed = parts.filter((part) => isNeeded(part));
      const left = await removeParts(parts, async (kept) => needed.every((part) => kept.includes(part)));
      expect(left).toEqual(needed);
    }),
  );
});

it('asks seldom where little is needed', async () => {
  let asked = 0;
  const parts = Array.from({ length: 1024 }, (_, n) => n);
  await removeParts(parts, async (kept) => {
    asked++;
    return kept.includes(700);
  });
  expect(asked).toBeLessThan(60);
});
