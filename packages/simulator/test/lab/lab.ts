import type { Client } from '@flotilla/client';
import type { MemberId, SnapshotInfo } from '@flotilla/core';
import { isRuntimeError } from '@flotilla/runtime';
import { type AnyMachineDefinition, decodeCommand, decodeRequest } from '@flotilla/state-machine';
import { type SimHost, theGroup } from '../../src/cluster/sim-host.ts';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import type { World } from '../../src/engine/world.ts';
import { converge } from '../../src/run/converge.ts';
import { judgeCalls } from '../../src/run/judge-calls.ts';
import { Stage } from '../../src/run/stage.ts';
import type { Subject } from '../../src/run/subject.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';
import { CommittedSerials } from './committed-serials.ts';
import { type LabSettings, labPlan } from './lab-plan.ts';
import { ServiceLayer } from './service-layer.ts';

/** Time enough for an election, in milliseconds: the course's `RaftElectionTimeout`. */
export const electionMs = 1000;

/** How long anything may take that has to happen at last, in milliseconds: the course gives most things ten seconds. */
export const patienceMs = 20_000;

const lookEveryMs = 5;

/** The unreliable network of the course: a tenth of the messages is lost, the others take up to some 26 ms. */
const unreliableMs = 13;
const unreliable = { loss: 0.1, duplication: 0.02, reordering: 0 };
const unreliableClients = { lossProbability: 0.02, delayMeanMs: 3 };

/**
 * The servers of one test with one seed, and what the course's tests do to them: production hosts in virtual time, watched by
 * every invariant and by the oracle.
 *
 * Servers are numbered from 0. One that is disconnected reaches no other server; whether its peers notice or the network just
 * falls silent, the seed decides. A crash is a kill or a power cut.
 */
export class Lab {
  readonly stage: Stage;
  readonly service: ServiceLayer;
  readonly committed: CommittedSerials;
  readonly random: SeededRandom;
  readonly #subject: Subject;
  readonly #disconnected = new Map<number, () => void>();
  readonly #underWay: Promise<unknown>[] = [];
  #disturbances: (() => void)[] = [];
  #clients = 0;
  #serials = 0;

  constructor(seed: number, settings: LabSettings) {
    // A bare command is a request, too.
    const serialIn = (payload: Uint8Array) => {
      const request = decodeRequest(payload);
      return request.kind === 'command' ? (registersSubject.serialOf?.(decodeCommand(request.command)) ?? null) : null;
    };
    this.service = new ServiceLayer({
      serialIn,
      snapshotBytes: settings.snapshotBytes ?? Number.POSITIVE_INFINITY,
      takeSnapshot: (member) => this.#snapshotSoon(member),
    });
    this.#subject = { ...registersSubject, invariants: () => [this.service] };
    this.stage = new Stage(labPlan(seed, settings), this.#subject);
    this.committed = new CommittedSerials(this.stage.log, serialIn);
    this.random = new SeededRandom(seed).fork('lab');
  }

  get world(): World {
    return this.stage.world;
  }

  get hosts(): readonly SimHost[] {
    return this.stage.cluster.hosts;
  }

  get all(): readonly number[] {
    return this.hosts.map(({ slot }) => slot);
  }

  /** The `distance`-th server after this one, in a circle. */
  after(server: number, distance = 1): number {
    return (server + distance) % this.hosts.length;
  }

  /** Unique among all calls of the test. */
  nextSerial(): number {
    return this.#serials++;
  }

  sleep(ms: number): Promise<void> {
    return this.world.pass(ms);
  }

  /** False where it does not come true within `limitMs`. */
  async comesTrue(condition: () => boolean, limitMs = patienceMs): Promise<boolean> {
    const end = this.world.now + limitMs;
    while (!condition()) {
      if (this.world.now >= end) return false;
      await this.sleep(lookEveryMs);
    }
    return true;
  }

  async until(what: string, condition: () => boolean, limitMs = patienceMs): Promise<void> {
    if (!(await this.comesTrue(condition, limitMs))) throw new Error(`within ${limitMs} ms it never came true that ${what}`);
  }

  /** Starts those that do not run, with the data that they have, and reconnects them. */
  async start(...servers: readonly number[]): Promise<void> {
    for (const server of servers) this.host(server).start();
    this.connect(...servers);
    await this.until(`server ${servers.join(', ')} runs`, () => servers.every((server) => this.runs(server)));
  }

  crash(...servers: readonly number[]): void {
    for (const server of servers) {
      if (this.random.chance(0.5)) this.host(server).kill();
      else this.host(server).cutPower();
    }
  }

  /** The course's `start1`: whether it runs or not, its process ends and another one begins. */
  async restart(...servers: readonly number[]): Promise<void> {
    this.crash(...servers.filter((server) => this.runs(server)));
    await this.start(...servers);
  }

  disconnect(...servers: readonly number[]): void {
    const { faults } = this.stage.network;
    for (const server of servers) {
      if (this.#disconnected.has(server)) continue;
      if (this.random.chance(0.5)) this.isolate(server);
      else this.#disconnected.set(server, faults.silence(this.host(server).member));
    }
  }

  /** Its peers notice, so that nothing which they have sent meanwhile arrives later. */
  isolate(server: number): void {
    this.#disconnected.set(server, this.stage.network.faults.isolate(this.host(server).member));
  }

  connect(...servers: readonly number[]): void {
    for (const server of servers) {
      this.#disconnected.get(server)?.();
      this.#disconnected.delete(server);
    }
  }

  runs(server: number): boolean {
    return this.host(server).condition === 'up';
  }

  /** It runs, and is not disconnected. */
  takesPart(server: number): boolean {
    return this.runs(server) && !this.#disconnected.has(server);
  }

  /** With `longReordering`, two messages in three come so late that many others overtake them. */
  setUnreliable(isUnreliable: boolean, { longReordering = false } = {}): void {
    for (const end of this.#disturbances) end();
    this.#disturbances = [];
    const { clientNetwork, network } = this.stage;
    const { lossProbability, delayMeanMs } = isUnreliable ? unreliableClients : { lossProbability: 0, delayMeanMs: 0.3 };
    clientNetwork.link = { ...clientNetwork.link, lossProbability, delayMeanMs };
    if (!isUnreliable) return;
    const quality = longReordering ? { ...unreliable, reordering: 0.6 } : unreliable;
    for (const { member: from } of this.hosts) {
      for (const { member: to } of this.hosts) {
        if (from === to) continue;
        this.#disturbances.push(network.faults.lossy(from, to, quality), network.faults.slow(from, to, { jitterMs: unreliableMs }));
      }
    }
  }

  /** The servers of different sides do not reach each other until the returned function is called. */
  partition(...sides: readonly (readonly number[])[]): () => void {
    const { faults } = this.stage.network;
    const groups = sides.map((side) => side.map((server) => this.host(server).member));
    if (this.random.chance(0.5)) return faults.partition(groups);
    const [one = [], other = []] = groups;
    const ends = one.flatMap((member) => other.map((each) => faults.freeze(member, each)));
    return () => {
      for (const end of ends) end();
    };
  }

  host(server: number): SimHost {
    return this.stage.cluster.host(server);
  }

  /** A production client, and its number, by which it can be cut off. */
  newClient(): { readonly number: number; readonly client: Client<AnyMachineDefinition> } {
    const number = this.#clients++;
    const endpoints = this.hosts.map(({ clientAddress }) => clientAddress);
    return { number, client: this.stage.client(number, this.random.fork(`client ${number}`).shuffle(endpoints)) };
  }

  /** The client does not reach these servers until the returned function is called. */
  cutOff(client: number, servers: readonly number[]): () => void {
    const ends = servers.map((server) => this.stage.cuts.cut(client, this.host(server)));
    return () => {
      for (const end of ends) end();
    };
  }

  /** The server that leads in a term that no other connected one is beyond; fails where there is none in time. */
  async checkOneLeader(): Promise<number> {
    let leader: number | null = null;
    await this.until('one server leads', () => {
      leader = this.#leader();
      return leader !== null;
    });
    return leader as unknown as number;
  }

  /** No server that takes part holds itself for the leader. */
  checkNoLeader(): void {
    const leader = this.all.find((server) => this.takesPart(server) && this.status(server)?.role === 'leader');
    if (leader !== undefined) throw new Error(`server ${leader} leads, though there is no majority that it reaches`);
  }

  /** The term that all agree on who take part. */
  async checkTerms(): Promise<number> {
    const terms = () => new Set(this.all.filter((server) => this.takesPart(server)).map((server) => this.status(server)?.term ?? 0));
    await this.until('the servers agree on the term', () => terms().size === 1);
    return [...terms()][0] ?? 0;
  }

  status(server: number) {
    return this.host(server).group?.status();
  }

  /** Of everything that the server has applied. */
  takeSnapshot(server: number): Promise<SnapshotInfo> {
    const { group } = this.host(server);
    if (group === null) throw new Error(`server ${server} does not run`);
    return group.takeSnapshot();
  }

  /** The payloads that are in a server's log on disk, in bytes together. */
  logBytes(server: number): number {
    const disk = this.host(server).disk.durable(theGroup);
    let bytes = 0;
    for (let index = disk.log.snapshotIndex + 1; index <= disk.log.lastIndex; index++) bytes += disk.entry(index)?.payload.length ?? 0;
    return bytes;
  }

  /** Something that happens beside the test: it has to come to its end before {@link Lab.finish} does. */
  meanwhile(work: Promise<unknown>): void {
    // Its failure is that of the test even while nobody waits for it.
    this.#underWay.push(work.catch((error: unknown) => this.world.fail(error)));
  }

  /** Everything heals, everybody runs, and what happened beside the test comes to its end. */
  async finish(): Promise<void> {
    this.heal();
    await this.start(...this.all);
    await Promise.all(this.#underWay);
  }

  /** Ends all that disturbs the network. */
  heal(): void {
    this.setUnreliable(false);
    this.connect(...this.all);
    this.stage.network.healAll();
  }

  /** To be called after the test: all come to agree, nothing acknowledged is missing anywhere, and what clients heard is right. */
  async judge(): Promise<void> {
    const { world, cluster, watch } = this.stage;
    await converge({ world, cluster, operator: { idle: true }, callsUnderWay: () => 0 }, patienceMs);
    watch.tell('onConverged');
    await world.run(world.now);
    const { violation } = judgeCalls(this.stage, this.#subject);
    if (violation !== null) throw violation;
  }

  #leader(): number | null {
    let [leader, highest]: [number | null, number] = [null, 0];
    for (const server of this.all) {
      const status = this.takesPart(server) ? this.status(server) : undefined;
      if (status === undefined || status.term < highest) continue;
      if (status.term > highest) leader = null;
      highest = status.term;
      if (status.role === 'leader') leader = server;
    }
    return leader;
  }

  /** Later, because it is the machine itself that tells of what it has applied. */
  #snapshotSoon(member: MemberId): void {
    const { process } = this.stage.cluster.hostOf(member) ?? {};
    this.world.after(0, () => {
      // A process that has ended takes nothing in, and one that was sent a newer snapshot needs none.
      process?.enter(
        () =>
          void this.stage.cluster
            .hostOf(member)
            ?.group?.takeSnapshot()
            .catch((error: unknown) => this.#unlessNewer(error)),
      );
    });
  }

  #unlessNewer(error: unknown): void {
    if (!isRuntimeError(error) || error.code !== 'nothing_to_snapshot') this.world.fail(error);
  }
}
