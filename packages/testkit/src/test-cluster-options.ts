import type { RaftConfig } from '@flotilla/core';
import type { HostLimits } from '@flotilla/runtime';
import type { SnapshotPolicy } from '@flotilla/snapshot';
import type { AnyMachineDefinition, EffectHandlers } from '@flotilla/state-machine';

/** What a test cluster is like; every part has a default. */
export interface TestClusterOptions<Machine extends AnyMachineDefinition = AnyMachineDefinition> {
  /** How many members there are, numbered from 1. Default 3. */
  readonly members?: number;
  /** All that is left to chance follows from it: how long messages and syncs take, who is elected first. Default 1. */
  readonly seed?: number;
  /**
   * Carries out the effects of the machine, on whichever member leads. Waits for nothing but the cluster: what comes from the real world
   * never comes in virtual time. Default: nothing, and effects wait.
   */
  readonly effects?: EffectHandlers<Machine>;
  /** As in the configuration of a host. Default: its own defaults. */
  readonly raft?: Partial<RaftConfig>;
  readonly limits?: Partial<HostLimits>;
  /** When members store their state by themselves. Default: never. */
  readonly snapshot?: SnapshotPolicy;
  /** How often the members compare their states, in milliseconds of virtual time; 0 for never. Default 10,000. */
  readonly stateComparisonMs?: number;
  /**
   * Whether every invariant of the simulator is checked at every step, so that a machine whose replicas differ fails the test at once.
   * Default true.
   */
  readonly invariants?: boolean;
}
