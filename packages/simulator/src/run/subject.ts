import type { MemberId } from '@flotilla/core';
import type { SnapshotPolicy } from '@flotilla/snapshot';
import type { AnyMachineDefinition, Command, EffectHandlers } from '@flotilla/state-machine';
import type { ContainerModule } from 'inversify';
import type { Model } from '../linearizability/model.ts';
import type { Invariant } from '../watch/invariant.ts';
import type { Workload } from '../workload/workload.ts';

/** What is simulated: a machine, what clients do with it, and what must hold of it. */
export interface Subject {
  readonly machine: AnyMachineDefinition;
  readonly workload: Workload;
  /** Checks the calls that have a `history`, without looking at the log. */
  readonly model?: Model;
  /**
   * Which call a command of the log is, by its serial, where the command tells. Then a call of which no client knows the outcome is
   * looked up in the log, and checked.
   */
  readonly serialOf?: (command: Command) => number | null;
  /** Besides those of Raft, which always hold; new ones for every run. */
  readonly invariants?: () => readonly Invariant[];
  /** What carries out the effects of the machine, in virtual time; new ones for every run. Default: nothing, and effects wait. */
  readonly effects?: () => EffectHandlers;
  /** When the hosts store their state by themselves. Default: never; then only who asks for it makes them. */
  readonly snapshot?: SnapshotPolicy;
  /** What else the hosts bind; for variants of the production code that are broken on purpose. */
  readonly modules?: (member: MemberId) => readonly ContainerModule[];
}
