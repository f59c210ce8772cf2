import type { RaftConfig } from '@flotilla/core';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import type { NetworkProfile } from '../../src/network/network-profile.ts';
import type { NetworkPlan, Plan } from '../../src/plan/plan.ts';

/** What a test of the laboratory runs on, as far as its seed does not decide it. */
export interface LabSettings {
  readonly servers: number;
  /** In place of what the seed draws. */
  readonly raft?: Partial<RaftConfig>;
  /** The service of each server takes a snapshot once it has applied so many bytes of commands since its last one. */
  readonly snapshotBytes?: number;
}

/** How late a message is on average that others overtake, in milliseconds: the course draws 200 to 2,200. */
const lateMs = 600;

/** How long a client's call may take before its clerk calls again, in milliseconds. */
const timeoutMs = 1000;

/** The cluster of a seed: quick elections, since simulating silence costs as much as simulating work. */
export function labPlan(seed: number, { servers, raft, snapshotBytes }: LabSettings): Plan {
  const random = new SeededRandom(seed).fork('lab plan');
  const electionTimeoutMs = random.pick([150, 200, 300]);
  const network: NetworkPlan & Partial<NetworkProfile> = {
    delayMs: random.pick([0.05, 0.2, 1]),
    jitterMs: random.pick([0.1, 0.5, 2]),
    datagrams: true,
    loss: 0,
    duplicate: 0,
    reorder: 0,
    throughCodec: random.chance(0.1),
    lateMs,
  };
  return {
    format: 1,
    seed,
    members: servers,
    witnesses: 0,
    durationMs: 0,
    convergenceMs: 60_000,
    turnMs: random.pick([0, 0.05, 0.5]),
    stateComparisonMs: 0,
    raft: {
      electionTimeoutMs,
      heartbeatIntervalMs: Math.floor(electionTimeoutMs / random.pick([3, 4])),
      appendEntriesMax: random.pick([4, 64, 1024]),
      inflightAppendsMax: random.pick([1, 8, 256]),
      snapshotChunkBytesMax: random.pick([64, 512, 65_536]),
      ...(snapshotBytes !== undefined && { trailingEntries: random.pick([0, 1, 4]) }),
      ...raft,
    },
    limits: { tailEntriesMax: random.pick([64, 1024]) },
    builds: [{}],
    network,
    disk: { writeMs: random.pick([0.02, 0.1]), syncMs: random.pick([0.05, 0.5, 2]) },
    workload: { clients: 1, ratePerSecond: 1, burst: 1, timeoutMs, sessionTtlMs: null, without: [], until: null },
    faults: [],
  };
}
