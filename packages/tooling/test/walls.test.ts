import { beforeAll, describe, expect, it } from 'vitest';
import { allWalls, tryWalls } from '../src/walls/try-walls.mjs';
import { titleOf, type Wall } from '../src/walls/wall.mjs';

const walls = allWalls();

describe('each wall catches its planted violation, and nothing without it:', () => {
  const details = new Map<Wall, string>();

  beforeAll(async () => {
    for (const { wall, caught, detail } of await tryWalls(walls)) details.set(wall, caught ? 'caught' : detail);
  }, 180_000);

  it.each(walls.map((wall) => [titleOf(wall), wall] as const))('%s', (_, wall) => {
    expect(details.get(wall)).toBe('caught');
  });
});
