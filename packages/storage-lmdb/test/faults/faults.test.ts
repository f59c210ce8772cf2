import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleProgram } from './bundle-program.ts';
import { buildShim, type DiskFault, shimUnavailable } from './disk-shim.ts';
import { type FaultyRun, type FaultyRunOptions, faultyRun } from './faulty-run.ts';

const unavailable = shimUnavailable();
const skipped = unavailable === null ? '' : ` (skipped: ${unavailable})`;
const steps = 24;
let bundle: Bundle;
let scratch: string;
let library: string;

beforeAll(async () => {
  if (unavailable !== null) return;
  scratch = mkdtempSync(join(tmpdir(), 'flotilla-faults-'));
  library = buildShim(join(import.meta.dirname, 'disk-shim.c'), scratch);
  bundle = await bundleProgram(join(import.meta.dirname, 'program.ts'));
}, 60_000);

afterAll(async () => {
  if (scratch) rmSync(scratch, { recursive: true, force: true });
  await bundle?.remove();
});

/**
 * Two defects of lmdb 3.5 end the process with a signal, which harms nobody's data: a file that cannot be opened (closeEnv uses
 * what a failed open has not set), and a page that cannot be written (mdb_page_flush prints into 100 bytes what may need more).
 */
function isDefectOfLmdb(died: string, { call, file, kind, hits }: DiskFault): boolean {
  const opens = 'at' in hits && hits.at === 1 && file.startsWith('log.mdb');
  if (opens && call !== 'sync') return died.startsWith('died of SIGSEGV');
  return call === 'write' && kind !== 'short' && file.endsWith('.mdb') && /died of SIG(ABRT|SEGV)/.test(died);
}

/** Nothing that was acknowledged is gone, and the process neither died nor hung, whatever the disk did. */
async function run(fault: DiskFault, seed: number, workload: FaultyRunOptions['workload'] = 'run'): Promise<FaultyRun> {
  const result = await faultyRun(
    { program: bundle.program, library, scratch },
    { fault, seed, steps: workload === 'run' ? steps : 6, workload },
  );
  const died = result.died !== null && isDefectOfLmdb(result.died, fault) ? null : result.died;
  expect({ died, problem: result.problem, unhandled: result.failure?.unhandled ?? [] }).toEqual({
    died: null,
    problem: null,
    unhandled: [],
  });
  return result;
}

describe.skipIf(unavailable !== null)(`on a disk that fails${skipped}`, () => {
  const kinds = ['EIO', 'ENOSPC', 'short'] as const;
  const lastingOrOnce = [1, 1_000_000];

  test.each(kinds.flatMap((kind) => [1, 2, 3, 9, 30].map((at) => ({ kind, at }))))(
    'a write to the log that fails ($kind, call $at) is final',
    async ({ kind, at }) => {
      for (const count of lastingOrOnce) {
        const result = await run({ kind, call: 'write', file: 'log.mdb', hits: { at, count } }, at);
        expectFinal(result, 'log.mdb');
      }
    },
    60_000,
  );

  test('a full disk is named, where LMDB itself runs into it', async () => {
    const { died, failure } = await run({ kind: 'ENOSPC', call: 'write', file: 'log.mdb', hits: { at: 9, count: 1_000_000 } }, 1);
    expect(died).toBeNull();
    expect(failure?.message).toMatch(/log\.mdb cannot be written: No space left on device/);
    expect(failure?.message).toContain('make room on it');
  });

  test.each([1, 2, 9])('a sync of the log that fails once (call %i) is final', async (at) => {
    expectFinal(await run({ kind: 'EIO', call: 'sync', file: 'log.mdb', hits: { at, count: 1 } }, at), 'log.mdb');
  });

  test.each([
    { call: 'write', at: 2 },
    { call: 'write', at: 8 },
    { call: 'sync', at: 1 },
    { call: 'sync', at: 3 },
  ] as const)('a $call of the state that fails (call $at) is final', async ({ call, at }) => {
    expectFinal(await run({ kind: 'EIO', call, file: 'state.mdb', hits: { at, count: 1 } }, at), 'state.mdb');
  });

  test.each([
    { call: 'write', file: 'identity.json.new', at: 1 },
    { call: 'write', file: 'identity.json.new', at: 2 },
    { call: 'sync', file: 'identity.json.new', at: 1 },
    { call: 'sync', file: 'identity.json.new', at: 2 },
    { call: 'sync', file: '/data', at: 1 },
    { call: 'sync', file: '/data', at: 2 },
    { call: 'sync', file: '/data', at: 3 },
  ] as const)(
    'a $call of $file that fails at the first start (call $at) is told, and the next start succeeds',
    async ({ call, file, at }) => {
      const { faults, failure } = await run({ kind: 'EIO', call, file, hits: { at, count: 1 } }, at);
      expect(faults).toBe(1);
      expect(failure?.code).toMatch(/^(data_directory_unusable|storage_failed)$/);
    },
  );

  test.each([
    { kind: 'ENOSPC', call: 'write', file: '.tmp', at: 3, code: 'snapshot_no_room' },
    { kind: 'EIO', call: 'write', file: '.tmp', at: 9, code: 'snapshot_failed' },
    { kind: 'EIO', call: 'sync', file: '.tmp', at: 2, code: 'snapshot_failed' },
    { kind: 'EIO', call: 'sync', file: 'group-1', at: 3, code: 'snapshot_failed' },
    { kind: 'short', call: 'write', file: '.tmp', at: 4, code: null },
  ] as const)('a snapshot fails as a whole, or is kept ($kind of a $call of $file)', async ({ kind, call, file, at, code }) => {
    const { faults, failure, written } = await run({ kind, call, file, hits: { at, count: 1 } }, 3, 'save-snapshots');
    expect({ faults, code: failure?.code ?? null, written }).toEqual({ faults: 1, code, written: 6 });
  });

  test('delays change nothing', async () => {
    for (const call of ['write', 'sync'] as const) {
      const { faults, failure, written } = await run({ kind: 'delay', call, file: '.mdb', hits: { perMille: 300, seed: 5 } }, 5);
      expect({ failure, written }).toEqual({ failure: null, written: steps });
      expect(faults).toBeGreaterThan(5);
    }
  });
});

/** The store says what failed and what to do, and refuses everything from then on, also where the disk works again. */
function expectFinal({ faults, died, failure }: FaultyRun, file: string): void {
  expect(faults).toBeGreaterThan(0);
  if (died !== null) return;
  expect(failure?.code).toMatch(/^(storage_failed|data_directory_unusable)$/);
  expect(failure?.message).toMatch(new RegExp(`${file} cannot be (written|opened): .*[Cc]heck the`));
  const { write, recover, commit } = failure?.afterwards ?? {};
  if (write === undefined) return;
  if (file === 'log.mdb') expect({ write, recover }).toEqual({ write: 'storage_failed', recover: 'storage_failed' });
  else expect(commit).toBe('storage_failed');
}
