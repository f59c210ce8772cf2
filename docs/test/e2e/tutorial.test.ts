import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts, until } from '../../../apps/cli/test/e2e/process-cluster.ts';
import { isAsShown, tutorialSteps } from './tutorial-steps.ts';

const repository = resolve(import.meta.dirname, '../../..');
const steps = tutorialSteps(readFileSync(join(repository, 'docs/tutorial.md'), 'utf8'));

let folder: string;
let environment: NodeJS.ProcessEnv;
let clientPorts: readonly number[];
let background: ChildProcess | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-tutorial-'));
  const ports = await freePorts(6);
  clientPorts = ports.slice(3);
  // What runs the tests must not tell what the tutorial runs that it is part of them.
  const { VITEST, NODE_OPTIONS, FORCE_COLOR, ...inherited } = process.env;
  environment = {
    ...inherited,
    NO_COLOR: '1',
    NODE_ENV: 'development',
    FLOTILLA: repository,
    FLOTILLA_ENDPOINTS: clientPorts.map((port) => `127.0.0.1:${port}`).join(','),
    FLOTILLA_PEER_PORTS: ports.slice(0, 3).join(','),
    FLOTILLA_CLIENT_PORTS: clientPorts.join(','),
  };
});

afterAll(async () => {
  await stopBackground();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script and keeps the folder that it changed to. */
async function run(script: string): Promise<string> {
  const child = spawn('sh', ['-ec', `${onOtherPorts(script)}\npwd >&3`], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  let ended = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  child.stdio[3]?.on('data', (text: Buffer) => {
    ended += text.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code, `${script}\n${printed}`).toBe(0);
  if (ended.trim() !== join(folder)) folder = ended.trim();
  return withoutNotices(printed);
}

/** The usual ones may be somebody's. */
function onOtherPorts(script: string): string {
  return [7001, 8001, 9001].reduce((text, port, i) => text.replaceAll(`:${port}/`, `:${clientPorts[i]}/`), script);
}

/** What npm has to say about itself. */
function withoutNotices(printed: string): string {
  return printed.replaceAll(/^npm (?:warn|notice).*\n/gm, '');
}

async function startBackground(script: string): Promise<void> {
  await stopBackground();
  const child = spawn('sh', ['-ec', `exec ${script}`], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  background = child;
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  await until('it runs', async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${printed}`);
    return /leader/.test(printed);
  });
}

/** As Ctrl-C does: everybody in the foreground is told. */
async function stopBackground(): Promise<void> {
  const child = background;
  background = null;
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGINT');
  await closed;
}

test('the tutorial works as it is written', { timeout: 300_000 }, async () => {
  const outer = folder;
  try {
    for (const step of steps) {
      if (step.kind === 'file') writeFileSync(join(folder, step.name), step.text);
      else if (step.kind === 'background') await startBackground(step.script);
      else {
        const printed = await run(step.script);
        if (step.expected !== null) expect(isAsShown(printed, step.expected), `${step.script}\nprinted\n${printed}`).toBe(true);
      }
    }
  } finally {
    await stopBackground();
    folder = outer;
  }
});
