import type { RaftConfig } from '@flotilla/core';
import type { HostLimits } from '@flotilla/runtime';
import type { Fault } from './fault.ts';

/** How the network is when nothing is wrong with it. */
export interface NetworkPlan {
  /** One way, in milliseconds: at least this much, and on average so much more. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Single messages may be lost, doubled and overtaken, as if there were no connections. */
  readonly datagrams: boolean;
  /** Probabilities for each message. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** What is sent is encoded and decoded by the production wire format, instead of being handed over. */
  readonly throughCodec: boolean;
}

/** How the disks are when nothing is wrong with them: mean times in milliseconds. */
export interface DiskPlan {
  readonly writeMs: number;
  readonly syncMs: number;
}

/** What the clients do. */
export interface WorkloadPlan {
  readonly clients: number;
  /** Calls per second of all clients together. */
  readonly ratePerSecond: number;
  /** A client makes so many calls at a time. */
  readonly burst: number;
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long the clients' sessions last without a word, in milliseconds; null for clients without, of which calls may end unknown. */
  readonly sessionTtlMs: number | null;
  /** Calls that are left out, by their number: how a shrunk plan has fewer. */
  readonly without: readonly number[];
  /** Calls with this number or a higher one are left out; null where all are made. */
  readonly until: number | null;
}

/**
 * Everything that a run depends on, as plain data: a run is a function of its plan. It is drawn from a seed, can be made
 * smaller part by part, written to a file, and run again.
 */
export interface Plan {
  readonly format: 1;
  /** Of everything that chance still decides during the run: how long each message takes, and the like. */
  readonly seed: number;
  /** How many voters found the cluster. */
  readonly members: number;
  /** How many of them, the last ones, are witnesses: they vote, and keep no data. */
  readonly witnesses: number;
  /** For how long faults and calls go on, in milliseconds; then everything must converge. */
  readonly durationMs: number;
  /** Within so many milliseconds once the faults have stopped. */
  readonly convergenceMs: number;
  /** How long a turn of a host's event loop takes on average, in milliseconds. */
  readonly turnMs: number;
  /** How often the members compare their states, in milliseconds; 0 for never. */
  readonly stateComparisonMs: number;
  readonly raft: Partial<RaftConfig>;
  readonly limits: Partial<HostLimits>;
  /** The versions of the software that hosts run, as differences; a host begins with the first. */
  readonly builds: readonly { readonly raft?: Partial<RaftConfig>; readonly limits?: Partial<HostLimits> }[];
  readonly network: NetworkPlan;
  readonly disk: DiskPlan;
  readonly workload: WorkloadPlan;
  /** In the order of their times. */
  readonly faults: readonly Fault[];
}
