import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@flotilla/client';
import { kv, type Page } from '@flotilla/kv';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flotilla } from './command.ts';
import { cliPath, freePorts, until } from './process-cluster.ts';

const writers = 4;

let directory: string;
let processes: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-rolling-'));
  processes = [];
});

afterEach(async () => {
  await Promise.all(processes.map((child) => stop(child, 'SIGKILL')));
  rmSync(directory, { recursive: true, force: true });
});

/** Runs `flotilla` in the background until the test ends or stops it. */
function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [cliPath, ...args], { stdio: 'ignore' });
  processes.push(child);
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

interface MemberReport {
  readonly id: number;
  readonly role: string;
}

/** Runs a command that must succeed; what it prints as JSON. */
async function run<Result>(...args: readonly string[]): Promise<Result> {
  const { code, stdout, stderr } = await flotilla([...args, '--json']);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return JSON.parse(stdout) as Result;
}

test('all three members are replaced, one after the other, while clients write', { timeout: 180_000 }, async () => {
  const ports = (await freePorts(12)).map((port) => `127.0.0.1:${port}`);
  const peers = ports.slice(0, 6);
  const clients = ports.slice(6);
  const numbers = (addresses: readonly string[]) => addresses.map((address) => address.split(':')[1]).join(',');
  const founders = clients.slice(0, 3);
  const dev = start('dev', 'kv', '--directory', directory, '--peer-ports', numbers(peers.slice(0, 3)), '--client-ports', numbers(founders));
  const client = connect(kv, founders, { timeoutMs: 30_000 });

  const acknowledged: string[] = [];
  const failed: unknown[] = [];
  let writing = true;
  const write = async (writer: number) => {
    for (let n = 0; writing; n++) {
      const key = `${writer}-${n}`;
      await client.put({ key, value: new TextEncoder().encode(key) }).then(
        () => acknowledged.push(key),
        (error: unknown) => failed.push(error),
      );
    }
  };
  const load = Array.from({ length: writers }, (_, writer) => write(writer));
  const someWrites = async () => {
    const before = acknowledged.length;
    await until('writes go on', async () => acknowledged.length > before + 20);
  };

  // The successor of member `old`, whose commands ask the others.
  const endpointsOf = (old: number) => ['--endpoints', clients.slice(old - 1, old + 2).join(',')];
  const startSuccessor = (old: number) => {
    const own = ['--listen', peers[old + 2] ?? '', '--client-listen', clients[old + 2] ?? ''];
    start('serve', 'kv', '--data-dir', join(directory, `successor-${old}`), '--join', clients[old] ?? '', ...own);
  };
  const list = async (old: number) => (await run<{ members: MemberReport[] }>('members', 'list', ...endpointsOf(old))).members;
  const successorVotes = async (old: number) => (await list(old)).some(({ id, role }) => id === old + 3 && role === 'voter');

  const replaceInThreeSteps = async (old: number) => {
    startSuccessor(old);
    await until('the successor votes', () => successorVotes(old));
    await run('transfer', String(old + 3), ...endpointsOf(old));
    await run('members', 'remove', String(old), '--wait', ...endpointsOf(old));
  };
  const replaceInOneStep = async (old: number) => {
    const successor = ['--peer', peers[old + 2] ?? '', '--client', clients[old + 2] ?? ''];
    await run('members', 'add', ...successor, '--replace', String(old), ...endpointsOf(old));
    startSuccessor(old);
    await until('the successor votes', () => successorVotes(old));
    await until('the old member has left', async () => (await list(old)).every(({ id }) => id !== old));
  };

  await someWrites();
  await replaceInThreeSteps(1);
  await someWrites();
  await replaceInOneStep(2);
  await someWrites();
  await replaceInThreeSteps(3);
  await someWrites();
  // The founders end with the command that started them.
  await stop(dev, 'SIGINT');
  await someWrites();
  writing = false;
  await Promise.all(load);

  expect(failed).toEqual([]);
  const { members } = await run<{ members: MemberReport[] }>('members', 'list', '--endpoints', clients.slice(3).join(','));
  expect(members.map(({ id }) => id)).toEqual([4, 5, 6]);
  const found = new Set<string>();
  for (let after: string | null = ''; after !== null; ) {
    const page: Page = await client.list({ after, limit: 1000 });
    for (const { key, value } of page.entries) if (new TextDecoder().decode(value) === key) found.add(key);
    after = page.next;
  }
  expect(acknowledged.filter((key) => !found.has(key))).toEqual([]);
  client.$close();
});
