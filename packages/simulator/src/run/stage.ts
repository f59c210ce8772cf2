import { type Client, type ClusterClient, connect, connectCluster } from '@flotilla/client';
import { type AnyMachineDefinition, decodeCommand, type ReplicatedMachine, replicate, type StateSpace } from '@flotilla/state-machine';
import { GuardedReplica } from '@flotilla/state-machine/determinism';
import { ClientNetwork } from '../client/client-network.ts';
import { SimCluster } from '../cluster/sim-cluster.ts';
import { SeededRandom } from '../engine/seeded-random.ts';
import { World } from '../engine/world.ts';
import { allInvariants } from '../invariants/all.ts';
import { AppliedLog } from '../judge/applied-log.ts';
import { ClientCuts } from '../nemesis/client-cuts.ts';
import { Nemesis } from '../nemesis/nemesis.ts';
import { Operator } from '../nemesis/operator.ts';
import { SimNetwork } from '../network/sim-network.ts';
import { Oracle } from '../oracle/oracle.ts';
import type { Plan } from '../plan/plan.ts';
import type { Observer } from '../watch/observer.ts';
import { nondeterminism } from '../watch/violation.ts';
import { Watch } from '../watch/watch.ts';
import { CallRecords } from '../workload/call-records.ts';
import { SimClients } from '../workload/sim-clients.ts';
import { adminClient } from './admin-client.ts';
import { asked } from './asked.ts';
import { diskProfileOf, networkProfileOf } from './profiles.ts';
import type { Subject } from './subject.ts';
import { TimelineRecorder } from './timeline-recorder.ts';
import { tracing } from './tracing.ts';

export interface StageOptions {
  readonly keepTrace?: boolean;
  /** Errors know where they were made. Default: not, as that is slow. */
  readonly stacks?: boolean;
  /** Hosts that found nothing, for whoever adds them by hand. Default 0. */
  readonly spares?: number;
}

/** The machines' states are compared whenever the log passes a multiple of this: seldom, as that costs their size. */
const digestEvery = 512;

/** How far the hosts' wall clocks are apart at the beginning, in milliseconds: as far as with NTP at most. */
const clockSkewMs = 50;

/** The number under which the operator's client is known to the network; the others count from 0. */
const operatorNumber = 1_000_000;

/** Everything that takes part in a run, put together from its plan; nothing has happened yet. */
export class Stage {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly network: SimNetwork;
  readonly records: CallRecords;
  readonly timeline: TimelineRecorder;
  readonly watch: Watch;
  readonly log: AppliedLog;
  readonly cuts = new ClientCuts();
  readonly clientNetwork: ClientNetwork;
  readonly #plan: Plan;
  readonly #subject: Subject;
  readonly #random: SeededRandom;

  constructor(plan: Plan, subject: Subject, { keepTrace = false, spares = 0 }: StageOptions = {}) {
    const random = new SeededRandom(plan.seed).fork('run');
    const world = new World({ keepTrace });
    const timeline = new TimelineRecorder(world, () => this.cluster);
    const log = new AppliedLog(world);
    const invariants: readonly Observer[] = [...allInvariants(), ...(subject.invariants?.() ?? [])];
    const { serialOf } = subject;
    const oracle =
      serialOf &&
      new Oracle({
        serialIn: (command) => serialOf(decodeCommand(command)),
        members: () => this.cluster.serving.map(({ member }) => member),
      });
    const observers = [tracing(world), ...invariants, ...(oracle ? [oracle] : []), log, timeline];
    const watch = new Watch(observers, (error) => world.fail(error));
    this.#plan = plan;
    this.#subject = subject;
    this.#random = random;
    this.world = world;
    this.log = log;
    this.timeline = timeline;
    this.watch = watch;
    this.records = new CallRecords(world, oracle && serialOf ? [timeline, asked(oracle, serialOf)] : [timeline]);
    this.network = new SimNetwork({
      world,
      random: random.fork('network'),
      profile: networkProfileOf(plan.network),
      watch: { onSend: (from, to, message) => watch.tell('onSend', from, to, message) },
    });
    this.cluster = new SimCluster({
      members: plan.members,
      witnesses: plan.witnesses,
      spares,
      world,
      random: random.fork('hosts'),
      watch,
      network: this.network,
      diskProfile: () => diskProfileOf(plan.disk),
      onProcessEnded: (process) => this.clientNetwork.processEnded(process),
      machine: (space) => this.machine(space),
      raft: plan.raft,
      limits: plan.limits,
      builds: plan.builds,
      turnMs: plan.turnMs,
      digestEvery,
      clockSkewMs,
      stateComparisonMs: plan.stateComparisonMs,
      ...(subject.effects && { effects: subject.effects() }),
      ...(subject.snapshot && { snapshot: subject.snapshot }),
      ...(subject.modules && { modules: subject.modules }),
    });
    this.clientNetwork = new ClientNetwork({
      world,
      random: random.fork('clients'),
      hostAt: (address) => this.cluster.hostAt(address),
      reaches: (client, address) => {
        const host = this.cluster.hostAt(address);
        return host === null || this.cuts.reaches(client, host);
      },
    });
  }

  /** A machine in its first state, or in the one that `space` holds, watched for what it must not ask. */
  machine(space?: StateSpace): ReplicatedMachine {
    return new GuardedReplica(replicate(this.#subject.machine, space), (error) => this.world.fail(nondeterminism(error)));
  }

  /** A client of the cluster; it asks `endpoints` first, in their order. */
  client(number: number, endpoints: readonly string[]): Client<AnyMachineDefinition> {
    const { timeoutMs, sessionTtlMs } = this.#plan.workload;
    const session = sessionTtlMs === null ? false : { ttlMs: sessionTtlMs };
    return connect(this.#subject.machine, endpoints, { ...this.clientNetwork.ports(number), timeoutMs, session, membersIntervalMs: 1000 });
  }

  /** Clients that make calls from now on. */
  startClients(): SimClients {
    const { workload } = this.#plan;
    const random = this.#random.fork('workload');
    const clients = Array.from({ length: workload.clients }, (_, client) =>
      this.client(client, random.fork(`endpoints ${client}`).shuffle(this.cluster.serving.map((host) => host.clientAddress))),
    );
    return new SimClients({ world: this.world, clients, plan: workload, workload: this.#subject.workload, random, records: this.records });
  }

  /** Who looks after the cluster from now on. */
  startOperator(): Operator {
    return new Operator(this.world, this.cluster, adminClient(this.operatorClient()));
  }

  /** A client for whoever runs the cluster. */
  operatorClient(): ClusterClient {
    const endpoints = this.cluster.serving.map((host) => host.clientAddress);
    return connectCluster(endpoints, { ...this.clientNetwork.ports(operatorNumber), timeoutMs: 2000, membersIntervalMs: 500 });
  }

  /** What goes wrong from now on. */
  startNemesis(operator: Operator): Nemesis {
    const { world, cluster, network, timeline } = this;
    const victims = { world, cluster, network, operator, random: this.#random.fork('nemesis'), cuts: this.cuts };
    return new Nemesis(victims, this.#plan.faults, (fault, phase) => timeline.fault(fault, phase));
  }
}
