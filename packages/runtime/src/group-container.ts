import { Container } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { EffectRunner } from './effect-runner.ts';
import type { GroupConfig } from './host-config.ts';
import { Journal } from './journal.ts';
import { LocalGroup } from './local-group.ts';
import { LogTail } from './log-tail.ts';
import { Member } from './member.ts';
import { MemoryMachineState } from './memory-machine-state.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingOperations } from './pending-operations.ts';
import { PendingQueries } from './pending-queries.ts';
import { FlightRecorder } from './recorder/flight-recorder.ts';
import { RecordingWriter } from './recorder/recording-writer.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { Snapshots } from './snapshots.ts';
import { tokens } from './tokens.ts';

const parts = [
  ApplyLoop,
  EffectRunner,
  FlightRecorder,
  Journal,
  LocalGroup,
  LogTail,
  Member,
  PendingCommands,
  PendingOperations,
  PendingQueries,
  RecordingWriter,
  SnapshotTaker,
  Snapshots,
];

/** The parts of one group, in a container below the host's. */
export function groupContainer(host: Container, group: GroupConfig): Container {
  const container = new Container({ parent: host });
  container.bind(tokens.groupConfig).toConstantValue(group);
  const machine = host.get(tokens.machineFactory)(group.id);
  container.bind(tokens.machine).toConstantValue(machine);
  const appliedIndex = () => container.get(ApplyLoop).appliedIndex;
  container.bind(tokens.machineState).toConstantValue(new MemoryMachineState(machine, appliedIndex));
  for (const part of parts) container.bind<object>(part).to(part).inSingletonScope();
  return container;
}
