import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { playScenario } from './scenario/play-scenario.ts';

const folder = fileURLToPath(new URL('./scenarios/', import.meta.url));

describe('scenarios', () => {
  for (const name of readdirSync(folder).sort()) {
    it(name, () => {
      const recorded = readFileSync(folder + name, 'utf8');
      const played = playScenario(recorded);
      if (process.env.UPDATE_SCENARIOS !== undefined) writeFileSync(folder + name, played);
      else expect(played).toBe(recorded);
    });
  }
});
