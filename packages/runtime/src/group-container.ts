import type { GroupId } from '@flotilla/core';
import type { ReplicatedMachine } from '@flotilla/state-machine';
import { GuardedReplica, UnguardedSpace } from '@flotilla/state-machine/determinism';
import { Container } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { EffectRunner } from './effect-runner.ts';
import { FirstVersion } from './first-version.ts';
import type { GroupConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { GroupView } from './keepers/group-view.ts';
import { Housekeeping } from './keepers/housekeeping.ts';
import { LogClock } from './keepers/log-clock.ts';
import { OutboxDriver } from './keepers/outbox-driver.ts';
import { StateComparer } from './keepers/state-comparer.ts';
import { VersionKeeper } from './keepers/version-keeper.ts';
import { LocalGroup } from './local-group.ts';
import { LogTail } from './log-tail.ts';
import type { MachineState } from './machine-state.ts';
import { Member } from './member.ts';
import { MemoryMachineState } from './memory-machine-state.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingOperations } from './pending-operations.ts';
import { PendingQueries } from './pending-queries.ts';
import { Proposer } from './proposer.ts';
import { FlightRecorder } from './recorder/flight-recorder.ts';
import { RecordingWriter } from './recorder/recording-writer.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { Snapshots } from './snapshots.ts';
import { SpaceMachineState } from './space-machine-state.ts';
import { tokens } from './tokens.ts';

/** Each behind those that it is given. */
const parts = [
  LogTail,
  PendingCommands,
  PendingOperations,
  PendingQueries,
  FlightRecorder,
  Journal,
  ApplyLoop,
  Snapshots,
  EffectRunner,
  Member,
  Proposer,
  FirstVersion,
  GroupView,
  LogClock,
  OutboxDriver,
  StateComparer,
  VersionKeeper,
  Housekeeping,
  RecordingWriter,
  SnapshotTaker,
  LocalGroup,
];

/** The parts of one group, in a container below the host's. */
export function groupContainer(host: Container, group: GroupConfig): Container {
  const container = new Container({ parent: host });
  container.bind(tokens.groupConfig).toConstantValue(group);
  const machine = machineOf(host, group.id);
  container.bind(tokens.machine).toConstantValue(machine);
  container
    .bind(tokens.machineState)
    .toDynamicValue(() => machineState(container, machine, group.id))
    .inSingletonScope();
  for (const part of parts) make(container, part);
  return container;
}

/**
 * Makes a part at once, and binds what was made: a plan of how to make something repeats those of all that it is given, and a host may
 * have thousands of groups.
 */
function make(container: Container, part: (typeof parts)[number]): void {
  container.bind<object>(part).to(part);
  const made = container.get<object>(part);
  container.rebind<object>(part).toConstantValue(made);
}

function machineOf(host: Container, group: GroupId): ReplicatedMachine {
  const create = host.get(tokens.machineFactory);
  const space = host.get(tokens.stateStore).space(group);
  if (host.get(tokens.hostConfig).determinism === 'trusted') return create(group, space);
  return new GuardedReplica(create(group, new UnguardedSpace(space)));
}

function machineState(container: Container, machine: ReplicatedMachine, group: GroupId): MachineState {
  const appliedIndex = () => container.get(ApplyLoop).appliedIndex;
  if (machine.space === undefined) return new MemoryMachineState(machine, appliedIndex);
  return new SpaceMachineState(machine, container.get(tokens.stateStore), group, container.get(Journal), appliedIndex);
}
