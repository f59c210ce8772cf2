import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flotilla } from './command.ts';
import { cliPath, freePorts, until } from './process-cluster.ts';

let directory: string;
let ports: readonly number[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-dev-'));
  ports = await freePorts(6);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function devFlags(): string[] {
  return ['dev', 'kv', '--peer-ports', ports.slice(0, 3).join(','), '--client-ports', ports.slice(3).join(','), '--directory', directory];
}

function startDev() {
  const child = spawn(process.execPath, [cliPath, ...devFlags()], { stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, output: '', exited: once(child, 'exit') };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      run.output += text;
    });
  }
  return run;
}

const url = (member: number, path: string) => `http://127.0.0.1:${ports[2 + member]}${path}`;

async function put(key: string, value: string): Promise<void> {
  await until(`${key} is written`, async () => {
    const response = await fetch(url(1, `/v1/kv/${key}`), { method: 'PUT', body: value }).catch(() => null);
    return response?.ok === true;
  });
}

test('a cluster starts with one command, stops on a signal, and finds its data again', { timeout: 90_000 }, async () => {
  const first = startDev();
  await put('greeting', 'ahoy');
  expect(await (await fetch(url(2, '/v1/kv/greeting'))).text()).toBe('ahoy');
  await until(
    'the table is shown',
    async () => /MEMBER .*ROLE .*TERM .*LAST .*COMMIT .*APPLIED .*LAG/.test(first.output) && /leader/.test(first.output),
  );
  expect(first.output).toContain('curl -X PUT');

  const second = await flotilla(devFlags());
  expect(second.code).not.toBe(0);
  expect(second.stderr.trim().split('\n')).toHaveLength(1);
  expect(second.stderr).toMatch(/data_directory_in_use|port_in_use/);

  first.child.kill('SIGINT');
  expect((await first.exited)[0]).toBe(0);
  await expect(fetch(url(1, '/v1/status'))).rejects.toThrow();

  const elsewhere = await flotilla([
    ...devFlags().slice(0, 3),
    ports.slice(3).join(','),
    '--client-ports',
    ports.slice(0, 3).join(','),
    '--directory',
    directory,
  ]);
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.stderr).toContain(`127.0.0.1:${ports[0]}`);

  const third = startDev();
  await until('the data is found again', async () => (await fetch(url(3, '/v1/kv/greeting')).catch(() => null))?.status === 200);
  third.child.kill('SIGTERM');
  expect((await third.exited)[0]).toBe(0);
});

test('members do not outlive the command that started them', { timeout: 60_000 }, async () => {
  const run = startDev();
  await put('last', 'words');
  run.child.kill('SIGKILL');
  await run.exited;
  await until('all members are gone', async () => {
    const answers = await Promise.all([1, 2, 3].map((member) => fetch(url(member, '/v1/health')).catch(() => null)));
    return answers.every((answer) => answer === null);
  });
});
