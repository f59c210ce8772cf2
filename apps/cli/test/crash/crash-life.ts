import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isClientError } from '@flotilla/client';
import { historyText, SeededRandom } from '@flotilla/simulator';
import { checkMembers } from './check-members.ts';
import { CrashClients } from './crash-clients.ts';
import { CrashCluster, type CrashClusterOptions } from './crash-cluster.ts';
import { CrashFailure } from './crash-failure.ts';
import type { CrashEnd, CrashMember } from './crash-member.ts';
import type { CrashPlan, Strike, Victim } from './crash-plan.ts';

export interface CrashLifeOptions extends CrashClusterOptions {
  readonly plan: CrashPlan;
  /** Decides what clients call. */
  readonly seed: number;
  /** Hears what happens in each round. */
  readonly onRound?: (text: string) => void;
}

/** What became of a cluster that was made to crash. */
export interface CrashReport {
  readonly rounds: number;
  /** How many processes ended by SIGKILL. */
  readonly kills: number;
  /** How often a process died at each point, by the point's name and phase. */
  readonly points: ReadonlyMap<string, number>;
  /** How often a member did not get to the point at which it was to die, and was killed elsewhere. */
  readonly missed: number;
  readonly operations: number;
  /** Commands that were answered: each was looked for in every journal that reaches back to it. */
  readonly acknowledgedCommands: number;
  readonly unknownOutcomes: number;
  readonly failure: CrashFailure | null;
  /** Where everything was kept; null where nothing failed. */
  readonly kept: string | null;
}

const clientCount = 6;

/** How long a member may take to a point before it is killed wherever it is, in milliseconds. */
const reachMsMax = 8000;

/** After so many answers the others have taken snapshots and given up the entries that a member lacks. */
const answersUntilBehind = 200;

/** So many answers show that the cluster serves again after a round. */
const answersAfterRound = 20;

/** How long anything else may take, in milliseconds: enough for a machine that is busy with other things. */
const conditionMsMax = 60_000;

/**
 * The life of one cluster: members die while they are founded, then round after round under load; in the end everything that clients
 * were told is compared with what the members hold. What must not happen is in the report.
 */
export async function liveThroughCrashes(options: CrashLifeOptions): Promise<CrashReport> {
  return new CrashLife(options, await CrashCluster.create(options)).run();
}

/** A member that gives no answer when nothing disturbs it any more has failed, too. Throws what is no failure of the members. */
function failureOf(error: unknown): CrashFailure {
  if (error instanceof CrashFailure) return error;
  if (isClientError(error)) return new CrashFailure('no_progress', error.message, { cause: error });
  throw error;
}

class CrashLife {
  readonly #options: CrashLifeOptions;
  readonly #cluster: CrashCluster;
  readonly #random: SeededRandom;
  readonly #clients: CrashClients;
  readonly #points = new Map<string, number>();
  #rounds = 0;
  #kills = 0;
  #missed = 0;

  constructor(options: CrashLifeOptions, cluster: CrashCluster) {
    this.#options = options;
    this.#cluster = cluster;
    this.#random = new SeededRandom(options.seed);
    this.#clients = new CrashClients(cluster.endpoints, this.#random.fork('clients'));
  }

  async run(): Promise<CrashReport> {
    let failure: CrashFailure | null = null;
    const living = this.#live();
    try {
      await this.#cluster.unlessFailed(living);
    } catch (error) {
      failure = failureOf(error);
    } finally {
      await this.#clients.stop();
      await this.#cluster.end();
      // Where a member failed, the round that was under way ends here.
      await living.catch(() => {});
    }
    if (failure === null) this.#cluster.removeFiles();
    else this.#writeHistory();
    const operations = this.#clients.history.operations();
    return {
      rounds: this.#rounds,
      kills: this.#kills,
      points: this.#points,
      missed: this.#missed,
      operations: operations.length,
      acknowledgedCommands: this.#clients.acknowledged.filter(({ isCommand }) => isCommand).length,
      unknownOutcomes: operations.filter(({ outcome }) => outcome === 'info').length,
      failure,
      kept: failure === null ? null : this.#cluster.directory,
    };
  }

  async #live(): Promise<void> {
    await this.#found();
    this.#clients.start(clientCount);
    await this.#answered(answersAfterRound);
    for (const strike of this.#options.plan.strikes) {
      this.#options.onRound?.(`round ${this.#rounds + 1}: ${JSON.stringify(strike)}`);
      await this.#strike(strike);
      await this.#cluster.startAll();
      await this.#answered(answersAfterRound);
      this.#clients.nextKey();
      this.#rounds++;
    }
    await this.#clients.stop();
    await this.#check();
  }

  /** The first start of the members, some of which die in it. */
  async #found(): Promise<void> {
    const { members } = this.#cluster;
    const crashes = this.#options.plan.founding;
    this.#options.onRound?.(`founding: ${JSON.stringify(crashes)}`);
    members.forEach((member, i) => {
      this.#cluster.start(member, crashes[i] ?? null);
    });
    const victims = members.filter((_, i) => crashes[i] !== null);
    await Promise.all(victims.map((victim) => this.#dies(victim)));
    await this.#cluster.startAll();
  }

  async #strike(strike: Strike): Promise<void> {
    switch (strike.kind) {
      case 'serving': {
        const armed = new Map<CrashMember, string>();
        for (const { victim, at } of strike.crashes) armed.set(await this.#member(victim), at);
        for (const [member, at] of armed) member.arm(at);
        await Promise.all([...armed.keys()].map((member) => this.#dies(member)));
        return;
      }
      case 'starting': {
        const member = await this.#member(strike.victim);
        this.#count(await member.kill());
        this.#cluster.start(member, strike.at);
        await this.#dies(member);
        return;
      }
      case 'behind': {
        const member = await this.#member(strike.victim);
        this.#count(await member.kill());
        await this.#answered(answersUntilBehind);
        this.#cluster.start(member, strike.at);
        await this.#dies(member);
        return;
      }
      case 'everybody': {
        await delay(strike.afterMs);
        const ends = await Promise.all(this.#cluster.members.map((member) => member.kill()));
        for (const end of ends) this.#count(end);
        return;
      }
    }
  }

  /** Waits until a member has died at its point; where it does not get there, it dies where it is. */
  async #dies(member: CrashMember): Promise<void> {
    const patience = new AbortController();
    const end = await Promise.race([member.ended, delay(reachMsMax, null, { signal: patience.signal }).catch(() => null)]);
    patience.abort();
    const { at } = this.#count(end ?? (await member.kill()));
    if (at === null) this.#missed++;
  }

  #count(end: CrashEnd): CrashEnd {
    const { signal, at } = end;
    if (signal === 'SIGKILL') this.#kills++;
    const point = at?.replace(/:\d+$/, '') ?? 'elsewhere';
    this.#points.set(point, (this.#points.get(point) ?? 0) + 1);
    return end;
  }

  async #member(victim: Victim): Promise<CrashMember> {
    const { members } = this.#cluster;
    const found = victim === 'leader' ? await this.#cluster.leader() : members[victim - 1];
    return found ?? this.#random.pick(members);
  }

  /** Waits until so many more calls are answered. */
  async #answered(count: number): Promise<void> {
    const enough = this.#clients.acknowledged.length + count;
    await this.#until('clients get answers', async () => this.#clients.acknowledged.length >= enough);
  }

  async #check(): Promise<void> {
    let lastIndex = 0;
    await this.#until('a last write succeeds', async () => {
      lastIndex = await this.#clients.putLast();
      return lastIndex > 0;
    });
    await this.#clients.readAll();
    await this.#until('every member applies the last write', async () => {
      const statuses = await Promise.all(this.#cluster.members.map((member) => this.#cluster.status(member)));
      return statuses.every((status) => (status?.appliedIndex ?? 0) >= lastIndex);
    });
    const { acknowledged, history } = this.#clients;
    await checkMembers(this.#cluster, { operations: history.operations(), acknowledged, lastIndex });
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + conditionMsMax;
    while (!(await this.#cluster.unlessFailed(condition()))) {
      if (performance.now() > end) throw new CrashFailure('no_progress', `never came true within ${conditionMsMax} ms: ${what}`);
      await delay(20);
    }
  }

  #writeHistory(): void {
    const text = [...historyText(this.#clients.history.operations())].join('');
    writeFileSync(join(this.#cluster.directory, 'history.ndjson'), text);
  }
}
