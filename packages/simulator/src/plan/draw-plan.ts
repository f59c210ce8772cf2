import type { RaftConfig } from '@flotilla/core';
import { SeededRandom } from '../engine/seeded-random.ts';
import { checkProfile } from './check-profile.ts';
import { drawFault, type FaultFamily, faultFamilies } from './draw-fault.ts';
import type { Fault, FaultKind } from './fault.ts';
import type { DiskPlan, NetworkPlan, Plan, WorkloadPlan } from './plan.ts';

/** What a plan is to be like, as far as chance shall not decide it. */
export interface PlanProfile {
  /** Voters. Default 5. */
  readonly members?: number;
  /** Default 10,000 ms. */
  readonly durationMs?: number;
  /** Default 200. */
  readonly ratePerSecond?: number;
  /** Default: drawn, 2 to 20. */
  readonly clients?: number;
  /** Which faults may happen: all, none, or those of these kinds. Default `all`; `disk` ones in every second seed. */
  readonly faults?: 'all' | 'none' | readonly FaultKind[];
}

/** So long after the faults everything must have converged: some election timeouts, a replaced member, and room to spare. */
const convergenceMs = 60_000;

/**
 * The plan of a seed: which faults, how many and how bad is drawn anew for each (swarm testing, Groce et al. 2012). Throws
 * `config_invalid`.
 */
export function drawPlan(seed: number, profile: PlanProfile = {}): Plan {
  checkProfile(profile);
  const random = new SeededRandom(seed);
  const members = profile.members ?? 5;
  const durationMs = profile.durationMs ?? 10_000;
  const workload = drawWorkload(random.fork('workload'), profile);
  const raft = drawRaft(random.fork('raft'));
  const builds = [{}, drawBuild(random.fork('build'), raft)];
  return {
    format: 1,
    seed,
    members,
    witnesses: members >= 3 && random.fork('witnesses').chance(0.2) ? 1 : 0,
    durationMs,
    convergenceMs,
    turnMs: random.fork('turns').pick([0, 0.2, 0.5, 1, 2]),
    stateComparisonMs: random.fork('comparisons').pick([0, 0, 100, 1000]),
    raft,
    limits: { tailEntriesMax: random.fork('limits').pick([64, 1024, 16_384]) },
    builds,
    network: drawNetwork(random.fork('network')),
    disk: drawDisk(random.fork('disk')),
    workload,
    faults: drawFaults(random.fork('faults'), seed, { members, durationMs, clients: workload.clients, faults: profile.faults ?? 'all' }),
  };
}

function drawRaft(random: SeededRandom): Partial<RaftConfig> {
  const electionTimeoutMs = random.pick([200, 300, 500]);
  return {
    electionTimeoutMs,
    heartbeatIntervalMs: Math.floor(electionTimeoutMs / random.pick([4, 5])),
    trailingEntries: random.pick([0, 8, 64, 512]),
    appendEntriesMax: random.pick([1, 16, 1024]),
    inflightAppendsMax: random.pick([1, 8, 256]),
    snapshotChunkBytesMax: random.pick([512, 4096, 65_536]),
    ...(random.chance(0.2) && { uncommittedEntriesMax: 256 }),
    ...(random.chance(0.3) && { quiesceAfterMs: electionTimeoutMs }),
  };
}

/** Another build differs as the next release might: other batches, another rhythm within what the cluster bears. */
function drawBuild(random: SeededRandom, raft: Partial<RaftConfig>): Plan['builds'][number] {
  const electionTimeoutMs = raft.electionTimeoutMs ?? 500;
  return {
    raft: {
      heartbeatIntervalMs: Math.floor(electionTimeoutMs / random.pick([4, 5])),
      appendEntriesMax: random.pick([2, 64, 512]),
      inflightAppendsMax: random.pick([2, 64]),
      trailingEntries: random.pick([0, 32, 256]),
    },
  };
}

function drawNetwork(random: SeededRandom): NetworkPlan {
  const datagrams = random.chance(0.3);
  return {
    delayMs: random.pick([0.05, 0.2, 1, 5]),
    jitterMs: random.pick([0.1, 0.5, 2]),
    datagrams,
    loss: datagrams ? random.pick([0, 0.001, 0.02]) : 0,
    duplicate: datagrams ? random.pick([0, 0.01, 0.05]) : 0,
    reorder: datagrams ? random.pick([0, 0.02, 0.1]) : 0,
    throughCodec: random.chance(0.1),
  };
}

function drawDisk(random: SeededRandom): DiskPlan {
  return { writeMs: random.pick([0.02, 0.1, 0.5]), syncMs: random.pick([0.05, 0.5, 2, 5]) };
}

function drawWorkload(random: SeededRandom, profile: PlanProfile): WorkloadPlan {
  const clients = profile.clients ?? random.pick([2, 5, 10, 20]);
  return {
    clients,
    ratePerSecond: profile.ratePerSecond ?? 200,
    burst: random.pick([1, 5, 20, 40]),
    timeoutMs: random.pick([1000, 3000]),
    sessionTtlMs: random.fork('sessions').pick([null, 2000, 10_000, 60_000]),
    without: [],
    until: null,
  };
}

interface FaultScope {
  readonly members: number;
  readonly durationMs: number;
  readonly clients: number;
  readonly faults: NonNullable<PlanProfile['faults']>;
}

/** Which families of faults a seed has, and how many of each kind. Every second seed has faults of disks. */
function drawFaults(random: SeededRandom, seed: number, { members, durationMs, clients, faults: wanted }: FaultScope): readonly Fault[] {
  if (wanted === 'none') return [];
  const kinds =
    wanted === 'all'
      ? drawKinds(random.fork('kinds'), seed % 2 === 0)
      : wanted.map((kind) => [kind, random.fork(kind).integer(1, 4)] as const);
  const faults: Fault[] = [];
  for (const [kind, count] of kinds) {
    const each = random.fork(`each ${kind}`);
    for (let i = 0; i < count; i++)
      faults.push(drawFault(kind, each.between(0.05, 0.95) * durationMs, each, { members, clients, durationMs }));
  }
  return faults.sort((a, b) => a.at - b.at);
}

function drawKinds(random: SeededRandom, disks: boolean): readonly (readonly [FaultKind, number])[] {
  const families = (Object.keys(faultFamilies) as FaultFamily[]).filter((family) => (family === 'disk' ? disks : random.chance(0.6)));
  return families.flatMap((family) =>
    faultFamilies[family].filter(() => random.chance(0.5)).map((kind) => [kind, random.integer(1, family === 'disk' ? 2 : 5)] as const),
  );
}
