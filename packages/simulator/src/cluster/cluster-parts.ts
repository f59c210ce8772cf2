import type { MemberId, RaftConfig } from '@flotilla/core';
import type { HostLimits } from '@flotilla/runtime';
import type { SnapshotPolicy } from '@flotilla/snapshot';
import type { EffectHandlers, ReplicatedMachine, StateSpace } from '@flotilla/state-machine';
import type { ContainerModule } from 'inversify';
import type { DiskProfile } from '../disk/disk-profile.ts';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import type { SimNetwork } from '../network/sim-network.ts';
import type { SimProcess } from '../process/sim-process.ts';
import type { Watch } from '../watch/watch.ts';

/** A version of the software that a host runs: in which way it differs from the others. */
export interface Build {
  readonly raft?: Partial<RaftConfig>;
  readonly limits?: Partial<HostLimits>;
}

/** What the hosts of a cluster have in common. */
export interface ClusterParts {
  readonly world: World;
  readonly random: SeededRandom;
  readonly watch: Watch;
  readonly network: SimNetwork;
  /** How a new disk behaves. */
  readonly diskProfile: () => DiskProfile;
  /** The machine of the host in a slot; it may keep its state in `space`. */
  readonly machine: (space: StateSpace, slot: number) => ReplicatedMachine;
  readonly raft: Partial<RaftConfig>;
  readonly limits: Partial<HostLimits>;
  readonly snapshot?: SnapshotPolicy;
  readonly builds: readonly Build[];
  /** How long a turn of a host's event loop takes on average, in milliseconds. */
  readonly turnMs: number;
  /** The machines' states are compared whenever the log passes a multiple of this. */
  readonly digestEvery: number;
  /** How far the hosts' wall clocks are apart at most, in milliseconds. */
  readonly clockSkewMs: number;
  /** How often a leader lets the members compare their states, in milliseconds; 0 for never. */
  readonly stateComparisonMs: number;
  /** What carries out the effects of the machine. Default: nothing. */
  readonly effects?: EffectHandlers;
  /** Whether a process may end by itself for this reason, besides a disk that fails. Default: for none; anything else is a defect. */
  readonly mayEnd?: (reason: unknown) => boolean;
  /** Told of every process that has ended, however it did. */
  readonly onProcessEnded: (process: SimProcess) => void;
  /** What else the hosts bind; for variants of the production code that are broken on purpose. */
  readonly modules?: (member: MemberId) => readonly ContainerModule[];
}
