import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bundle, bundleProgram } from './bundle-program.ts';
import { whatIsWrong } from './power-cut.ts';
import type { RunFailure } from './program.ts';
import { diedOf, runProgram } from './run-program.ts';
import { openWorkload } from './run-workload.ts';

const unavailable = process.platform === 'linux' && process.getuid?.() === 0 ? mountRefused() : 'mounting a small disk needs root on Linux';
const skipped = unavailable === null ? '' : ` (skipped: ${unavailable})`;
const room = { scarceBytes: 1_000_000, exhaustedBytes: 600_000, reserveBytes: 250_000 };
let bundle: Bundle;
let disk: string;

function mount(...args: string[]): string | null {
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', ...args], { encoding: 'utf8' });
  return status === 0 ? null : stderr.trim();
}

/** A container may have a root that must not mount. */
function mountRefused(): string | null {
  const directory = mkdtempSync(join(tmpdir(), 'flotilla-mount-'));
  const refused = mount('-o', 'size=1m', 'tmpfs', directory);
  if (refused === null) spawnSync('umount', [directory]);
  rmSync(directory, { recursive: true });
  return refused;
}

beforeAll(async () => {
  if (unavailable === null) bundle = await bundleProgram(join(import.meta.dirname, 'program.ts'));
}, 60_000);

afterAll(() => bundle?.remove());

beforeEach(() => {
  if (unavailable !== null) return;
  disk = mkdtempSync(join(tmpdir(), 'flotilla-disk-'));
  expect(mount('-o', 'size=2m', 'tmpfs', disk)).toBeNull();
});

afterEach(() => {
  if (unavailable !== null) return;
  spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

test.skipIf(unavailable !== null)(
  `a disk that runs full: warned first, then a clear end, and nothing is lost${skipped}`,
  async () => {
    const data = join(disk, 'data');
    const run = await runProgram(bundle.program, ['run', data, '1', '5000', JSON.stringify(room)]);
    expect(diedOf(run)).toBeNull();
    const failure = JSON.parse(run.lines.at(-1)?.replace('failed ', '') ?? '') as RunFailure;
    expect(failure).toMatchObject({ code: 'storage_failed', message: expect.stringContaining('the file system is full') });
    expect(run.lines.indexOf('room exhausted')).toBeGreaterThan(0);
    const last = (what: string) => Number(run.lines.findLast((line) => line.startsWith(what))?.split(' ')[1]);
    const acknowledged = { written: last('written'), applied: last('applied') };
    expect(acknowledged.written).toBeGreaterThan(10);
    expect(mount('-o', 'remount,size=64m', 'tmpfs', disk)).toBeNull();
    expect(await whatIsWrong(data, 1, acknowledged)).toBeNull();
  },
  60_000,
);

test.skipIf(unavailable !== null)(`room that others took and gave back is noticed without a write${skipped}`, async () => {
  const storage = await openWorkload(join(disk, 'data'), { room: { ...room, checkIntervalMs: 20 } });
  try {
    const seen: string[] = [];
    const next = () => new Promise<string>((resolve) => storage.roomWatch.onChange(resolve));
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(1_200_000));
    seen.push(await next());
    rmSync(filler);
    seen.push(await next());
    expect(seen).toEqual(['scarce', 'ample']);
  } finally {
    await storage.close();
  }
});
