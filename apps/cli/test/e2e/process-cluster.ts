import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { GroupStatus } from '@flotilla/runtime';
import { stringify } from 'yaml';

export const cliPath = resolve(import.meta.dirname, '../../dist/main.js');

/** How long any condition of these tests may take to come true. */
const conditionTimeoutMs = 30_000;

interface MemberSlot {
  readonly id: number;
  readonly peerPort: number;
  readonly clientPort: number;
  readonly configFile: string;
  child: ChildProcess | null;
  output: string;
}

/** A cluster of real processes on the loopback interface with real disks, for tests that break it. */
export class ProcessCluster {
  readonly directory: string;
  readonly members: readonly MemberSlot[];

  /** What they serve. */
  readonly app: string;

  private constructor(app: string, directory: string, members: readonly MemberSlot[]) {
    this.app = app;
    this.directory = directory;
    this.members = members;
  }

  /** `settings` is what every member's configuration says besides who is who; `app` is a name or the path of a module. */
  static async create(size = 3, settings: object = {}, app = 'kv'): Promise<ProcessCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'flotilla-e2e-'));
    const ports = await freePorts(2 * size);
    const members = Array.from({ length: size }, (_, i) => ({
      id: i + 1,
      peerPort: ports[2 * i] ?? 0,
      clientPort: ports[2 * i + 1] ?? 0,
      configFile: join(directory, `member-${i + 1}.yaml`),
      child: null,
      output: '',
    }));
    const founders = Object.fromEntries(
      members.map(({ id, peerPort, clientPort }) => [id, { peer: `127.0.0.1:${peerPort}`, client: `127.0.0.1:${clientPort}` }]),
    );
    mkdirSync(directory, { recursive: true });
    for (const { id, configFile } of members) {
      const config = { cluster: 'e2e', member: id, dataDirectory: `member-${id}`, members: founders, ...settings };
      writeFileSync(configFile, stringify(config));
    }
    return new ProcessCluster(app, directory, members);
  }

  member(id: number): MemberSlot {
    const member = this.members[id - 1];
    if (!member) throw new Error(`there is no member ${id}`);
    return member;
  }

  url(id: number, path: string): string {
    return `http://127.0.0.1:${this.member(id).clientPort}${path}`;
  }

  get endpoints(): readonly string[] {
    return this.members.map(({ clientPort }) => `127.0.0.1:${clientPort}`);
  }

  async start(id: number, app = this.app): Promise<void> {
    const member = this.member(id);
    const child = spawn(process.execPath, [cliPath, 'serve', app, '--config', member.configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    member.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        member.output = (member.output + text).slice(-20_000);
      });
    }
    child.once('exit', () => {
      if (member.child === child) member.child = null;
    });
    await until(`member ${id} serves`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`member ${id} ended: ${member.output}`);
      return (await this.status(id)) !== null;
    });
  }

  async startAll(): Promise<void> {
    await Promise.all(this.members.map(({ id }) => this.start(id)));
  }

  /** kill -9. */
  kill(id: number): Promise<void> {
    return this.#end(id, 'SIGKILL');
  }

  /** In good order. */
  stop(id: number): Promise<void> {
    return this.#end(id, 'SIGTERM');
  }

  async #end(id: number, signal: NodeJS.Signals): Promise<void> {
    const { child } = this.member(id);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async killAll(): Promise<void> {
    await Promise.all(this.members.map(({ id }) => this.kill(id)));
  }

  async status(id: number): Promise<GroupStatus | null> {
    try {
      const response = await fetch(this.url(id, '/v1/status'), { signal: AbortSignal.timeout(2000) });
      return (await response.json()) as GroupStatus;
    } catch {
      return null;
    }
  }

  /** The leader that a majority agrees on. */
  async leader(): Promise<number> {
    let leader = 0;
    await until('there is a leader', async () => {
      const statuses = await Promise.all(this.members.map(({ id }) => this.status(id)));
      const leading = statuses.find((status) => status?.role === 'leader');
      const followers = statuses.filter((status) => status && status.leader === leading?.member && status.term === leading?.term);
      leader = leading?.member ?? 0;
      return leading !== undefined && followers.length * 2 > this.members.length;
    });
    return leader;
  }

  async destroy(): Promise<void> {
    await this.killAll();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Waits until `condition` holds; fails with `what` where it never does. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + conditionTimeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await delay(20);
  }
}

export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
