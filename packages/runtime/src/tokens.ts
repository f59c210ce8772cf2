import type { GroupId } from '@flotilla/core';
import type { SnapshotStore } from '@flotilla/snapshot';
import type { EffectHandlers, ReplicatedMachine, StateSpace } from '@flotilla/state-machine';
import type { Archive, LogStore, RoomWatch, StateStore } from '@flotilla/storage';
import type { Transport } from '@flotilla/transport';
import type { ServiceIdentifier } from 'inversify';
import type { GroupConfig, HostConfig } from './host-config.ts';
import type { MachineState } from './machine-state.ts';
import type { Clock, Logger, Random, Scheduler } from './ports.ts';
import { recorderTokens } from './recorder/recorder-tokens.ts';

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`flotilla.${name}`);
}

/** Makes a group's machine, by `replicate`. It may keep its state in `space`: the group's, in the state store. */
export type MachineFactory = (group: GroupId, space: StateSpace) => ReplicatedMachine;

/** What a module binds to take part in a host. Those with a default say so. */
export const tokens = {
  logStore: token<LogStore>('LogStore'),
  stateStore: token<StateStore>('StateStore'),
  transport: token<Transport>('Transport'),
  /** Default: none, and then nothing is compacted. */
  snapshotStore: token<SnapshotStore | null>('SnapshotStore'),
  /** What the journal no longer keeps, for its readers; the stores fill it. Default: none. */
  archive: token<Archive | null>('Archive'),
  /** Default: there is always enough. */
  roomWatch: token<RoomWatch>('RoomWatch'),
  machineFactory: token<MachineFactory>('MachineFactory'),
  /** What carries out the effects of a group's machine. Default: nothing, and then they wait. */
  effectHandlers: token<(group: GroupId) => EffectHandlers>('EffectHandlers'),
  /** Default: the system's clock. */
  clock: token<Clock>('Clock'),
  /** Default: the event loop. */
  scheduler: token<Scheduler>('Scheduler'),
  /** Default: `Math.random`. */
  random: token<Random>('Random'),
  /** Default: silence. */
  logger: token<Logger>('Logger'),
  ...recorderTokens,
  hostConfig: token<HostConfig>('HostConfig'),
  /** Bound in each group's own container. */
  groupConfig: token<GroupConfig>('GroupConfig'),
  /** Bound in each group's own container. */
  machine: token<ReplicatedMachine>('ReplicatedMachine'),
  /** Bound in each group's own container. */
  machineState: token<MachineState>('MachineState'),
} as const;
