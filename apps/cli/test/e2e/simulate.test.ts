import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { flotilla } from './command.ts';

const kvSubject = new URL('../../dist/simulate/kv-subject.js', import.meta.url).href;
const small = ['--members', '3', '--duration', '1', '--rate', '40'];

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'flotilla-simulate-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** A module with the key-value store, whose call 9 is something else. */
function subjectWhere(happens: string): string {
  const text = `import { kvSubject } from '${kvSubject}';
    const workload = (draw) => { if (draw.serial === 9) { ${happens} } return kvSubject.workload(draw); };
    export const subject = { ...kvSubject, workload };`;
  writeFileSync(join(cwd, 'subject.mjs'), text);
  return 'subject.mjs#subject';
}

it('runs seeds in several processes and adds them up', async () => {
  const { code, stdout, stderr } = await flotilla(['simulate', '--seeds', '3', '--jobs', '2', ...small, '--verify-determinism', '--json'], {
    cwd,
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ kind }) => kind)).toEqual(['seed', 'seed', 'seed', 'summary']);
  expect(lines.at(-1)).toMatchObject({ ok: true, seeds: 3, runs: 6, failed: [], unknownVerdicts: 0 });
});

it('goes on after seeds that fail, and a repro file fails again', async () => {
  const machine = subjectWhere('throw new Error("call nine")');
  const failing = ['simulate', '--machine', machine, '--seeds', '2', '--jobs', '1', ...small, '--faults', 'none'];
  const { code, stdout, stderr } = await flotilla(failing, { cwd });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^seeds {6}2, 2 failed$/m);
  expect(stderr).toMatch(
    /^ {2}again: npx flotilla simulate --repro simulation-failures\/kv-seed-2\.repro\.json --machine subject\.mjs#subject$/m,
  );

  const repro = ['simulate', '--repro', 'simulation-failures/kv-seed-1.repro.json', '--html', 'run.html', '--history', 'run.ndjson'];
  const again = await flotilla([...repro, '--machine', machine], { cwd });
  expect(again.code).toBe(1);
  expect(again.stdout).toContain('Everything happened as it did when the file was written.');
  expect(readFileSync(join(cwd, 'run.html'), 'utf8')).toContain('call nine');

  const mended = await flotilla(repro, { cwd });
  expect(mended.code).toBe(0);
  expect(mended.stdout).toContain('It does not fail any more: crash is not seen.');
});

it('a process that dies is a seed that fails', async () => {
  const machine = subjectWhere('console.error("no more"); process.exit(3);');
  const { code, stderr } = await flotilla(
    ['simulate', '--machine', machine, '--seeds', '3', '--failures-max', '2', '--jobs', '1', ...small],
    { cwd },
  );
  expect(code).toBe(1);
  expect(stderr).toContain('the process ended with exit code 3: no more');
  expect(stderr).toContain('seeds that failed: 1, 2; not run: 1');
});

it('a process that hangs is killed, and its seed fails', async () => {
  const machine = subjectWhere('for (;;);');
  const { code, stderr } = await flotilla(['simulate', '--machine', machine, '--seeds', '1', '--hang-after', '5', ...small], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain('no run was over for 5 s, and the process was killed');
});

it('wrong usage is told before anything is tried', async () => {
  const said = async (...args: readonly string[]) => {
    const { code, stderr } = await flotilla(['simulate', ...args], { cwd });
    return [code, stderr];
  };
  expect(await said('--machine', 'nothing')).toEqual([2, expect.stringContaining('there is no subject "nothing"')]);
  expect(await said('--machine', 'gone.mjs#subject')).toEqual([2, expect.stringContaining('there is no file gone.mjs')]);
  writeFileSync(join(cwd, 'a.json'), '{}');
  expect(await said('--repro', 'a.json')).toEqual([2, expect.stringContaining('repro_foreign')]);
  expect(await said('--repro', 'gone.json')).toEqual([2, expect.stringContaining('gone.json cannot be read')]);
});
