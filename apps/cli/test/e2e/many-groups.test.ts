import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { freePorts, until } from './process-cluster.ts';

const groups = 1000;
const raft = { quiesceAfterMs: 1000 };
/** How long the idle hosts are watched, in milliseconds. */
const watchedMs = 10_000;

interface Question {
  readonly kind: 'roles' | 'usage' | 'put';
  readonly group?: number;
}

/** A process with a member of every group. */
class GroupsHost {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, answer, error }: { id: number; answer?: unknown; error?: string }) => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) asked?.resolve(answer);
      else asked?.reject(new Error(error));
    });
  }

  static async start(member: number, ports: readonly number[], directory: string): Promise<GroupsHost> {
    const settings = JSON.stringify({ member, ports, groups, directory: join(directory, `${member}`), raft });
    const host = new GroupsHost(fork(join(import.meta.dirname, 'many-groups-host.mjs'), [settings], { execArgv: [] }));
    await new Promise((resolve, reject) => host.#asked.set(0, { resolve, reject }));
    return host;
  }

  ask<Answer>(question: Question): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve: (answer) => resolve(answer as Answer), reject });
      this.#child.send({ id, ...question });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

interface Roles {
  readonly led: number;
  readonly following: number;
}

const running: GroupsHost[] = [];
const directory = mkdtempSync(join(tmpdir(), 'flotilla-groups-'));

afterEach(() => {
  for (const host of running) host.kill();
  rmSync(directory, { recursive: true, force: true });
});

/** Waits until every group has a leader among these hosts that all of them follow. */
async function allLed(hosts: readonly GroupsHost[]): Promise<readonly Roles[]> {
  let roles: readonly Roles[] = [];
  await until('every group has one leader, and everybody follows it', async () => {
    roles = await Promise.all(hosts.map((host) => host.ask<Roles>({ kind: 'roles' })));
    return roles.reduce((sum, { led }) => sum + led, 0) === groups && roles.every(({ following }) => following === groups);
  });
  return roles;
}

async function cpuShares(hosts: readonly GroupsHost[]): Promise<readonly number[]> {
  const usage = () => Promise.all(hosts.map((host) => host.ask<{ readonly cpu: number }>({ kind: 'usage' })));
  const before = await usage();
  await delay(watchedMs);
  const after = await usage();
  return after.map(({ cpu }, i) => (cpu - (before[i]?.cpu ?? 0)) / (watchedMs * 1000));
}

test(`${groups} idle groups on three hosts cost each less than a tenth of a core, and wake when they are needed`, async () => {
  const ports = await freePorts(3);
  running.push(...(await Promise.all([1, 2, 3].map((member) => GroupsHost.start(member, ports, directory)))));
  await allLed(running);
  // Falling asleep takes a heartbeat or two after the last election.
  await delay(3000);

  const shares = await cpuShares(running);
  const usage = await Promise.all(running.map((host) => host.ask<{ readonly memory: number }>({ kind: 'usage' })));
  console.info(
    `${groups} idle groups: ${shares.map((share) => `${(share * 100).toFixed(1)} %`).join(', ')} of a core;`,
    `${usage.map(({ memory }) => `${Math.round(memory / 2 ** 20)} MiB`).join(', ')}`,
  );
  for (const share of shares) expect(share).toBeLessThan(0.1);

  const puts = Array.from({ length: 30 }, (_, i) => running[i % 3]?.ask<{ readonly index: number }>({ kind: 'put', group: 1 + i * 33 }));
  for (const put of await Promise.all(puts)) expect(put?.index).toBeGreaterThan(1);

  // A host that is lost wakes the groups that it led, and only the survivors can lead them now.
  running.shift()?.kill();
  await allLed(running);
  await running[0]?.ask({ kind: 'put', group: groups });
}, 120_000);
