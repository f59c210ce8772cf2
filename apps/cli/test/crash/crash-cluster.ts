import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ServiceStatus } from '@flotilla/client';
import { type Entry, kv, listLimitMax } from '@flotilla/kv';
import { stringify } from 'yaml';
import { freePorts } from '../e2e/process-cluster.ts';
import type { CrashFailure } from './crash-failure.ts';
import { CrashMember } from './crash-member.ts';
import type { CrashAt } from './crash-plan.ts';

export interface CrashClusterOptions {
  /** The command's compiled entry. */
  readonly cli: string;
  /** Modules that every member loads first: one that can crash, and in tests of the checks one that is wrong. */
  readonly preloads: readonly string[];
  readonly size?: number;
}

/** Timeouts in which real elections are over soon, also on a busy machine. */
const raft = { electionTimeoutMs: 300, heartbeatIntervalMs: 60 };

/** Snapshots all the time. */
const snapshot = { entries: 60, keepEntries: 10 };

/** The members of a key-value cluster on the loopback interface, in real processes that are made to crash. */
export class CrashCluster {
  readonly directory: string;
  readonly members: readonly CrashMember[];
  #isOver = false;
  #failed: (failure: CrashFailure) => void = () => {};
  /** Rejects when a member ends that was not meant to. */
  readonly failed: Promise<never>;

  private constructor(directory: string, members: readonly CrashMember[]) {
    this.directory = directory;
    this.members = members;
    this.failed = new Promise((_, reject) => {
      this.#failed = reject;
    });
    this.failed.catch(() => {});
  }

  static async create({ cli, preloads, size = 3 }: CrashClusterOptions): Promise<CrashCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'flotilla-crash-'));
    mkdirSync(directory, { recursive: true });
    const ports = await freePorts(2 * size);
    const ids = Array.from({ length: size }, (_, i) => i + 1);
    const port = (i: number) => ports[i] as number;
    const founders = Object.fromEntries(
      ids.map((id) => [id, { peer: `127.0.0.1:${port(id - 1)}`, client: `127.0.0.1:${port(size + id - 1)}` }]),
    );
    const members = ids.map((id) => {
      const file = (ending: string) => join(directory, `member-${id}.${ending}`);
      writeFileSync(
        file('yaml'),
        stringify({ cluster: 'crash', member: id, dataDirectory: `member-${id}`, members: founders, raft, snapshot }),
      );
      const files = { cli, preloads, config: file('yaml'), report: file('report'), output: file('output') };
      return new CrashMember(id, port(size + id - 1), files);
    });
    return new CrashCluster(directory, members);
  }

  get endpoints(): readonly string[] {
    return this.members.map(({ url }) => url);
  }

  start(member: CrashMember, at: CrashAt | null = null): void {
    if (this.#isOver) throw new Error('the cluster has ended');
    member.start(at, this.#failed);
  }

  /** Starts whoever is down, and resolves when everybody serves. */
  async startAll(): Promise<void> {
    for (const member of this.members) if (!member.isRunning) this.start(member);
    await this.unlessFailed(Promise.all(this.members.map((member) => member.up())));
  }

  /** Who leads, as far as anybody knows. */
  async leader(): Promise<CrashMember | null> {
    const statuses = await Promise.all(this.members.map((member) => this.status(member)));
    const leading = statuses.filter((status) => status?.role === 'leader').sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))[0];
    return this.members.find(({ id }) => id === leading?.member) ?? null;
  }

  async status(member: CrashMember): Promise<ServiceStatus | null> {
    const client = this.clientOf(member);
    return client
      .$status({ timeoutMs: 500 })
      .catch(() => null)
      .finally(() => client.$close());
  }

  /** A client that asks this member only. */
  clientOf(member: CrashMember) {
    return connect(kv, [member.url], { membersIntervalMs: 0 });
  }

  /** What a member holds, by itself. */
  async entriesOf(member: CrashMember): Promise<readonly Entry[]> {
    const client = this.clientOf(member);
    try {
      const entries: Entry[] = [];
      for (let after: string | null = null; ; ) {
        const page = { prefix: '', limit: listLimitMax, ...(after === null ? {} : { after }) };
        const found: { readonly entries: readonly Entry[]; readonly next: string | null } = await client.list(page, {
          consistency: 'stale',
        });
        entries.push(...found.entries);
        if (found.next === null) return entries;
        after = found.next;
      }
    } finally {
      client.$close();
    }
  }

  /** `work`, unless a member ends meanwhile that was not meant to. */
  unlessFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.failed]);
  }

  /** Kills everybody; nobody can be started any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.members.map((member) => member.kill()));
  }

  removeFiles(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
