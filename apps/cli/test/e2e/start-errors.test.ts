import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flotilla } from './command.ts';
import { ProcessCluster } from './process-cluster.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-start-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Flags of a member alone in its cluster, on ports that the system picks. */
function flags(overrides: Record<string, string> = {}): string[] {
  const all = {
    cluster: 'solo',
    member: '1',
    'data-dir': join(directory, 'solo'),
    members: '1=127.0.0.1:1/127.0.0.1:2,2=127.0.0.1:3/127.0.0.1:4',
    listen: '0',
    'client-listen': '0',
    ...overrides,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}

async function expectOneLine(args: string[], ...parts: RegExp[]) {
  const { code, stderr } = await flotilla(['serve', 'kv', ...args]);
  expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
  for (const part of parts) expect(stderr).toMatch(part);
  expect(code).toBeGreaterThan(0);
}

describe('a member that cannot start says why in one line', () => {
  test('a port in use, for peers and for clients', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expectOneLine(flags({ listen: `127.0.0.1:${port}` }), new RegExp(`${port}`), /port_in_use/);
    await expectOneLine(flags({ 'client-listen': `127.0.0.1:${port}` }), new RegExp(`${port}`), /port_in_use/);
    taken.close();
  });

  test('a data directory of another member, of another cluster, and one that a process holds', async () => {
    const cluster = await ProcessCluster.create(1);
    await cluster.start(1);
    const held = join(cluster.directory, 'member-1');
    await expectOneLine(flags({ cluster: 'e2e', 'data-dir': held }), /data_directory_in_use/);
    await cluster.kill(1);
    await expectOneLine(flags({ cluster: 'e2e', member: '2', 'data-dir': held }), /data_directory_of_another_member/);
    await expectOneLine(flags({ cluster: 'other', 'data-dir': held }), /data_directory_of_another_cluster/);
    await cluster.destroy();
  });

  test('a data directory that is a file', async () => {
    const path = join(directory, 'a-file');
    writeFileSync(path, 'not a directory');
    await expectOneLine(flags({ 'data-dir': path }), /data_directory_unusable/);
  });

  test('a module that never finishes loading', async () => {
    for (const name of ['waits.mjs', 'waits.ts']) {
      const path = join(directory, name);
      writeFileSync(path, 'await new Promise(() => {});\nexport default 1;\n');
      const { code, stderr } = await flotilla(['serve', path, ...flags()]);
      expect(stderr).toMatch(/^flotilla: .*waits\.m?[jt]s cannot be loaded: it did not finish loading.*\(module_failed\)[^\n]*\n$/);
      expect(code).toBe(2);
    }
  });

  test('wrong usage has exit code 2', async () => {
    for (const args of [
      ['serve'],
      ['serve', 'kw'],
      ['serve', 'kv'],
      ['serve', 'kv', '--colour', 'red'],
      ['sail'],
      ['serve', 'kv', '--config', join(directory, 'no.yaml')],
      ['serve', 'kv', '--data-dir', join(directory, 'both'), '--join', '127.0.0.1:1', '--members', '1=127.0.0.1:1/127.0.0.1:2'],
      ['serve', 'kv', '--data-dir', join(directory, 'wild'), '--join', '127.0.0.1:1', '--listen', '0.0.0.0:1', '--client-listen', '1'],
      ['members', 'add', '--peer', '127.0.0.1:1'],
      ['members', 'remove', 'one'],
      ['transfer', '0'],
    ]) {
      const { code, stderr } = await flotilla(args);
      expect(code, args.join(' ')).toBe(2);
      expect(stderr, args.join(' ')).not.toBe('');
    }
  });

  test('--help works everywhere', async () => {
    for (const args of [
      [],
      ['dev'],
      ['serve'],
      ['status'],
      ['kv'],
      ['kv', 'put'],
      ['kv', 'get'],
      ['kv', 'delete'],
      ['kv', 'list'],
      ['members'],
      ['members', 'list'],
      ['members', 'add'],
      ['members', 'remove'],
      ['members', 'promote'],
      ['transfer'],
      ['log'],
      ['recover'],
    ]) {
      const { code, stdout } = await flotilla([...args, '--help']);
      expect(code, args.join(' ')).toBe(0);
      expect(stdout, args.join(' ')).toMatch(/^Usage: flotilla/);
    }
  });
});
