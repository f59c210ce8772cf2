// Real members of the bundled key-value app on this machine, for the commands that measure or check them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/flotilla.js', import.meta.url));
const conditionTimeoutMs = 60_000;

/** Members in processes of their own, in a directory that goes with them. */
export class MemberProcesses {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-members-'));
  clientPorts = [];
  #children = new Map();
  #commands = new Map();
  #settings = {};

  /** Writes the configurations of `count` members; `raft(id)` is what each says about timing, `settings` whatever all say besides. */
  static async create(count, raft = () => ({}), settings = {}) {
    if (!existsSync(new URL('../../../apps/cli/dist/main.js', import.meta.url))) {
      throw new Error('the command is not built: run npm run build first.');
    }
    const members = new MemberProcesses();
    members.#settings = settings;
    const ports = await freePorts(2 * count);
    members.clientPorts = ports.slice(count);
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    const founders = Object.fromEntries(
      ids.map((id) => [id, { peer: `127.0.0.1:${ports[id - 1]}`, client: `127.0.0.1:${ports[count + id - 1]}` }]),
    );
    for (const id of ids) members.#configure(id, { cluster: 'measured', member: id, members: founders, raft: raft(id) });
    return members;
  }

  /** Writes the configuration of one more member, which joins the others as a learner when it is started. Resolves with its number. */
  async addJoining() {
    const [peer, client] = await freePorts(2);
    const join = this.clientPorts.map((port) => `127.0.0.1:${port}`).join(',');
    const id = this.clientPorts.push(client);
    this.#configure(id, { join, role: 'learner', listen: `127.0.0.1:${peer}`, clientListen: `127.0.0.1:${client}` });
    return id;
  }

  #configure(id, config) {
    const file = join(this.directory, `member-${id}.yaml`);
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ dataDirectory: `member-${id}`, ...config, ...this.#settings }));
    this.#commands.set(id, [process.execPath, cli, 'serve', 'kv', '--config', file, '--log-level', 'error']);
  }

  /** The member's data directory. */
  path(id) {
    return join(this.directory, `member-${id}`);
  }

  /** The number of the process of a member that was started without a prefix. */
  pid(id) {
    return this.#children.get(id)?.pid;
  }

  /** Starts a member, behind the words of `prefix` where it is to run under another program. */
  start(id, prefix = []) {
    const [command, ...args] = [...prefix, ...this.#commands.get(id)];
    // A process group of its own: not every program passes signals on.
    this.#children.set(id, spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  async end(id, signal) {
    const child = this.#children.get(id);
    this.#children.delete(id);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid, signal);
    await exited;
  }

  async destroy() {
    await Promise.all([...this.#children.keys()].map((id) => this.end(id, 'SIGTERM')));
    rmSync(this.directory, { recursive: true, force: true });
  }

  url(id, path) {
    return `http://127.0.0.1:${this.clientPorts[id - 1]}${path}`;
  }

  async status(id) {
    const response = await fetch(this.url(id, '/v1/status'), { signal: AbortSignal.timeout(5000) }).catch(() => null);
    return response?.ok ? response.json() : null;
  }

  /** Waits until everybody serves and follows one leader; returns its number. */
  async leader() {
    let leader = 0;
    await until('all members follow one leader', async () => {
      const statuses = await Promise.all(this.clientPorts.map((_, i) => this.status(i + 1)));
      leader = statuses.find((status) => status?.role === 'leader')?.member ?? 0;
      return leader !== 0 && statuses.every((status) => status?.leader === leader);
    });
    return leader;
  }
}

export async function until(what, condition, timeoutMs = conditionTimeoutMs) {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await delay(20);
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
