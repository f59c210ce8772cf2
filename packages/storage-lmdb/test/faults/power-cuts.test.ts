import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleProgram, type Edit } from './bundle-program.ts';
import { buildShim, shimUnavailable } from './disk-shim.ts';
import { type PowerCutOptions, powerCuts } from './power-cuts.ts';

const unavailable = shimUnavailable();
const skipped = unavailable === null ? '' : ` (skipped: ${unavailable})`;
const bundles: Bundle[] = [];
let scratch: string;
let library: string;
let program: string;

beforeAll(async () => {
  if (unavailable !== null) return;
  scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'flotilla-power-cuts-'));
  library = buildShim(join(import.meta.dirname, 'disk-shim.c'), scratch);
  program = await bundle([]);
}, 60_000);

afterAll(async () => {
  if (scratch) rmSync(scratch, { recursive: true, force: true });
  for (const { remove } of bundles) await remove();
});

async function bundle(edits: readonly Edit[]): Promise<string> {
  const built = await bundleProgram(join(import.meta.dirname, 'program.ts'), edits);
  bundles.push(built);
  return built.program;
}

const cuts = (options: Partial<PowerCutOptions>) => powerCuts({ program, library, scratch, images: 40, seed: 1, steps: 30, ...options });

test.skipIf(unavailable !== null)(
  `a power cut takes nothing that was acknowledged, and leaves nothing wrong${skipped}`,
  async () => {
    const { images, steps, problems } = await cuts({ seed: 7 });
    expect({ images, steps, problems }).toEqual({ images: 40, steps: 30, problems: [] });
  },
  120_000,
);

test.skipIf(unavailable !== null)(
  `nor does one after a sync that failed, whose pages no later sync writes${skipped}`,
  async () => {
    const fault = { kind: 'EIO', call: 'sync', file: 'log.mdb', hits: { at: 20, count: 1 } } as const;
    const { images, steps, faults, problems } = await cuts({ seed: 8, fault });
    expect({ images, faults, problems }).toEqual({ images: 40, faults: 1, problems: [] });
    expect(steps).toBeLessThan(30);
  },
  120_000,
);

test.skipIf(unavailable !== null)(
  `nor does one take a snapshot that was kept${skipped}`,
  async () => {
    const { images, steps, problems } = await cuts({ workload: 'save-snapshots', seed: 9, steps: 8 });
    expect({ images, steps, problems }).toEqual({ images: 40, steps: 8, problems: [] });
  },
  120_000,
);

test.skipIf(unavailable !== null)(
  `finds a store out that does not wait for the disk${skipped}`,
  async () => {
    const edit = { file: 'src/environment.ts', from: 'overlappingSync: false', to: 'overlappingSync: false, noMetaSync: true' };
    const { problems } = await cuts({ recorded: await bundle([edit]) });
    expect(problems.some(({ problem }) => /was acknowledged|was on disk/.test(problem ?? ''))).toBe(true);
  },
  120_000,
);
