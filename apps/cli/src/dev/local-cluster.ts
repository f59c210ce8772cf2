import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readOrigin } from '../serve/origin.ts';
import { usageError } from '../usage-error.ts';
import { addressesOf, type DevMember, type DevPlan, dataDirectoryOf, memberConfig } from './dev-plan.ts';
import { type MemberEnd, MemberProcess } from './member-process.ts';

/** Called when a member's process ends that nobody stopped. */
export type OnMemberLost = (member: DevMember, end: MemberEnd) => void;

/** The processes of a local cluster. */
export class LocalCluster {
  readonly plan: DevPlan;
  readonly #onLost: OnMemberLost;
  readonly #running = new Map<number, MemberProcess>();
  #stopping = false;

  constructor(plan: DevPlan, onLost: OnMemberLost) {
    this.plan = plan;
    this.#onLost = onLost;
  }

  /**
   * Throws a usage error where the data belongs to a cluster on other ports: the members know each other by their addresses,
   * and those are in the replicated membership now.
   */
  async assertSamePorts(): Promise<void> {
    for (const member of this.plan.members) {
      const directory = join(dirname(member.configFile), dataDirectoryOf(member));
      const origin = await readOrigin(directory);
      const before = origin?.kind === 'founded' ? origin.founders.find(({ id }) => id === member.id) : undefined;
      const now = addressesOf(member);
      if (before === undefined || (before.peerAddress === now.peer && before.clientAddress === now.client)) continue;
      throw usageError(
        `${directory} belongs to a member at ${before.peerAddress}, for clients ${before.clientAddress}`,
        'Start the cluster on the ports that it began with, or name another --directory.',
      );
    }
  }

  /** Starts all members. Where one cannot start, the others are stopped and its last words are the error. */
  async start(): Promise<void> {
    const before = this.plan.members.map(({ configFile }) => ({ configFile, text: readIfThere(configFile) }));
    for (const member of this.plan.members) {
      mkdirSync(dirname(member.configFile), { recursive: true });
      writeFileSync(member.configFile, memberConfig(this.plan, member));
    }
    const ends = await Promise.all(this.plan.members.map((member) => this.#launch(member)));
    const failed = ends.find((end) => end !== null);
    if (!failed || this.#stopping) return;
    await this.stop();
    // The directory may belong to a cluster that runs: its members must find their own configuration when they restart.
    for (const { configFile, text } of before) if (text !== null) writeFileSync(configFile, text);
    throw new Error(whyItEnded(failed));
  }

  isRunning(id: number): boolean {
    return this.#running.has(id);
  }

  /** The process of a member, while it runs. */
  pid(id: number): number | null {
    return this.#running.get(id)?.pid ?? null;
  }

  /** Starts a member again that has ended. Returns what went wrong, or null. */
  async restart(member: DevMember): Promise<MemberEnd | null> {
    return this.isRunning(member.id) || this.#stopping ? null : this.#launch(member);
  }

  /** kill -9, as a power cut of one member. */
  kill(id: number): void {
    this.#running.get(id)?.kill();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map((process) => process.stop()));
  }

  async #launch(member: DevMember): Promise<MemberEnd | null> {
    const process = new MemberProcess(this.plan, member);
    this.#running.set(member.id, process);
    let serving = false;
    void process.ended.then((end) => {
      this.#running.delete(member.id);
      if (serving && !this.#stopping) this.#onLost(member, end);
    });
    const end = await process.ready();
    serving = end === null;
    return end;
  }
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** The member's own last line, where it had one. */
function whyItEnded({ lastWords, signal, code }: MemberEnd): string {
  const line = lastWords.split('\n').findLast((text) => text.startsWith('flotilla: '));
  return line?.slice('flotilla: '.length) ?? (lastWords || `a member ended with ${signal ?? `exit code ${code}`}`);
}
