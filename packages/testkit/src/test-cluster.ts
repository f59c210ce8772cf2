import { type Client, type ClientOptions, connect } from '@flotilla/client';
import { FlotillaError, type MemberId } from '@flotilla/core';
import type { Group } from '@flotilla/runtime';
import { SeededRandom } from '@flotilla/simulator';
import {
  allInvariants,
  ClientNetwork,
  calmNetwork,
  diskProfile,
  type HostCondition,
  nondeterminism,
  SimCluster,
  type SimHost,
  SimNetwork,
  Watch,
  World,
} from '@flotilla/simulator/cluster';
import { type AnyMachineDefinition, type EventOf, replicate } from '@flotilla/state-machine';
import { GuardedReplica, installAmbientGuard } from '@flotilla/state-machine/determinism';
import { attended } from './attended.ts';
import { EventRecord, type RecordedEvent } from './event-record.ts';
import type { TestClusterOptions } from './test-cluster-options.ts';
import { VirtualTime } from './virtual-time.ts';

/** An event of a machine and its place in the log. */
export type TestEvent<Machine extends AnyMachineDefinition> = Omit<RecordedEvent, 'type' | 'data'> & EventOf<Machine>;

export interface RestartOptions {
  /** What the member runs from now on, such as the next version. Default: what it ran before. */
  readonly machine?: AnyMachineDefinition;
}

export interface WaitOptions {
  /** How long at most, in milliseconds of virtual time. Default 60,000. */
  readonly withinMs?: number;
}

const waitMs = 60_000;
const lookEveryMs = 10;

/** How a member may end by itself in a test that wants to see it. Anything else fails the test. */
const expectedEnds: ReadonlySet<string> = new Set(['machine_version_unsupported', 'state_diverged']);

/** A turn of a member's event loop, in milliseconds. */
const turnMs = 0.1;

/**
 * A cluster of members that run the production code, with production clients, on virtual time: an hour of it passes in moments, and the
 * same seed is the same run. Nothing goes wrong that the test does not ask for.
 *
 * Time passes while the test awaits a call of a client, or one of the methods here, and stands still otherwise.
 */
export class TestCluster<Machine extends AnyMachineDefinition> implements AsyncDisposable {
  readonly #world = new World();
  readonly #time = new VirtualTime(this.#world);
  readonly #record = new EventRecord();
  readonly #machine: Machine;
  readonly #machines: AnyMachineDefinition[];
  readonly #cluster: SimCluster;
  readonly #network: SimNetwork;
  readonly #clientNetwork: ClientNetwork;
  readonly #removeGuard: () => void;
  readonly #clients: { readonly $close: () => void }[] = [];

  /** Starts all members. Throws `config_invalid`. */
  constructor(machine: Machine, options: TestClusterOptions<Machine> = {}) {
    const { members = 3, seed = 1, effects, raft = {}, limits = {}, snapshot, invariants = true, stateComparisonMs = 10_000 } = options;
    const random = new SeededRandom(seed);
    const world = this.#world;
    const watch = new Watch([...(invariants ? allInvariants() : []), this.#record], (error) => world.fail(error));
    this.#machine = machine;
    this.#machines = Array.from({ length: members }, () => machine);
    this.#network = new SimNetwork({
      world,
      random: random.fork('network'),
      profile: calmNetwork,
      watch: { onSend: (from, to, message) => watch.tell('onSend', from, to, message) },
    });
    this.#cluster = new SimCluster({
      world,
      random: random.fork('hosts'),
      watch,
      network: this.#network,
      members,
      witnesses: 0,
      diskProfile: () => diskProfile(),
      machine: (space, slot) =>
        new GuardedReplica(replicate(this.#machines[slot] ?? machine, space), (error) => world.fail(nondeterminism(error))),
      raft,
      limits,
      ...(snapshot && { snapshot }),
      ...(effects && { effects }),
      builds: [{}],
      turnMs,
      digestEvery: 64,
      clockSkewMs: 0,
      stateComparisonMs,
      mayEnd: (reason) => reason instanceof FlotillaError && expectedEnds.has(reason.code),
      onProcessEnded: (process) => this.#clientNetwork.processEnded(process),
    });
    this.#clientNetwork = new ClientNetwork({
      world,
      random: random.fork('clients'),
      hostAt: (address) => this.#cluster.hostAt(address),
      reaches: () => true,
    });
    this.#removeGuard = installAmbientGuard();
    this.#cluster.startAll();
  }

  /** The numbers of the members. */
  get members(): readonly MemberId[] {
    return this.#cluster.members;
  }

  /** What the clocks of all members show, in milliseconds since 1970: what a command that is sent now finds in `ctx.now`, nearly. */
  get now(): number {
    return this.#host(1).clock.wallTime();
  }

  /** A production client of the machine. Each has a session of its own. */
  client(options?: ClientOptions): Client<Machine> {
    return this.clientOf(this.#machine, options);
  }

  /** A client that knows another version of the machine. */
  clientOf<Other extends AnyMachineDefinition>(machine: Other, options: ClientOptions = {}): Client<Other> {
    const endpoints = this.#cluster.hosts.map(({ clientAddress }) => clientAddress);
    const client = connect(machine, endpoints, { ...this.#clientNetwork.ports(this.#clients.length), ...options });
    this.#clients.push(client);
    return attended(client, this.#time);
  }

  /** The member that leads: waits until one does. One that is cut off may hold itself for the leader until it hears otherwise. */
  async leader(): Promise<MemberId> {
    await this.until(() => this.#cluster.leader() !== null);
    return this.#cluster.leader()?.member ?? 0;
  }

  /** Whether a member runs. `failed`: it ended by itself. */
  condition(member: MemberId): HostCondition {
    return this.#host(member).condition;
  }

  /** Why a member ended by itself; null where it did not. */
  failure(member: MemberId): unknown {
    return this.#host(member).failure;
  }

  /**
   * A member's replica of the group, as gateways see it, for its status or its snapshots; await what it promises with
   * {@link TestCluster.settle}. Throws `not_running`.
   */
  group(member: MemberId): Group {
    const { group } = this.#host(member);
    if (group !== null) return group;
    throw new FlotillaError('not_running', `member ${member} does not run`, 'Restart it, or ask another one.');
  }

  /** Every event of the machine so far, once, in the order of the log. */
  events(): readonly TestEvent<Machine>[] {
    return [...this.#record.events] as TestEvent<Machine>[];
  }

  /** Ends a member's process, as kill -9 does. */
  kill(member: MemberId): void {
    this.#host(member).kill();
  }

  /** Ends a member's process as a power cut does: what was not synced is lost. */
  powerCut(member: MemberId): void {
    this.#host(member).cutPower();
  }

  /** Ends a member's process, if it runs, and begins another one. Resolves when it takes part; rejects with why it does not. */
  async restart(member: MemberId, { machine }: RestartOptions = {}): Promise<void> {
    const host = this.#host(member);
    if (machine !== undefined) this.#machines[host.slot] = machine;
    host.kill();
    host.start();
    await this.until(() => host.condition !== 'starting');
    if (host.condition === 'failed') throw host.failure;
  }

  /** Members of different sides do not reach each other until {@link TestCluster.heal}; clients reach all of them. */
  partition(...sides: readonly (readonly MemberId[])[]): void {
    for (const member of sides.flat()) this.#host(member);
    this.#network.faults.partition(sides);
  }

  /** Everybody reaches everybody again. */
  heal(): void {
    this.#network.healAll();
  }

  /** Lets so many milliseconds pass. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw invalid(`${ms} ms cannot pass`, 'Use a finite number from 0 on.');
    await this.#time.advance(ms);
  }

  /** Lets time pass until `condition` holds. Rejects with `condition_not_met` where it does not in time. */
  async until(condition: () => boolean | Promise<boolean>, { withinMs = waitMs }: WaitOptions = {}): Promise<void> {
    const end = this.#world.now + withinMs;
    while (!(await condition())) {
      if (this.#world.now >= end) throw notMet(withinMs);
      await this.#time.advance(lookEveryMs);
    }
  }

  /** Lets time pass until `promise` settles, and gives what it gives. */
  settle<T>(promise: PromiseLike<T>, { withinMs = waitMs }: WaitOptions = {}): Promise<T> {
    return this.#time.settle(promise, withinMs);
  }

  /** Ends everything. What is still under way fails, or never settles. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.$close();
    for (const host of this.#cluster.hosts) host.kill();
    this.#removeGuard();
    // Who was told of a failure need not hear of it again.
    if (!this.#time.hasFailed) await this.#time.advance(0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #host(member: MemberId): SimHost {
    const host = this.#cluster.hostOf(member);
    if (host === undefined) throw invalid(`there is no member ${member}`, `There are: ${this.members.join(', ')}.`);
    return host;
  }
}

/** A cluster for a test of `machine`, see {@link TestCluster}. Throws `config_invalid`. */
export function testCluster<Machine extends AnyMachineDefinition>(
  machine: Machine,
  options?: TestClusterOptions<Machine>,
): TestCluster<Machine> {
  return new TestCluster(machine, options);
}

function invalid(message: string, hint: string): FlotillaError {
  return new FlotillaError('config_invalid', message, hint);
}

function notMet(withinMs: number): FlotillaError {
  return new FlotillaError(
    'condition_not_met',
    `the condition did not come true within ${withinMs} ms of virtual time`,
    'Look at the status of the members, or wait longer with withinMs.',
  );
}
