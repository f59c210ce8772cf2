import 'reflect-metadata/lite';
import { ampleRoom } from '@flotilla/storage';
import { Container, type ContainerModule, type ServiceIdentifier } from 'inversify';
import { config as rxjs } from 'rxjs';
import { DurableWriter } from './durable-writer.ts';
import { FailStop } from './fail-stop.ts';
import { Host } from './host.ts';
import type { HostConfig } from './host-config.ts';
import { Outbox } from './outbox.ts';
import { PeerDirectory } from './peer-directory.ts';
import { silentLogger, systemClock, systemScheduler } from './ports.ts';
import { recorderConfig } from './recorder/recording.ts';
import { SnapshotPace } from './snapshot-pace.ts';
import { tokens } from './tokens.ts';
import { TurnLoop } from './turn-loop.ts';

/** What to build a host from. */
export interface HostParts {
  readonly config: HostConfig;
  /** Bind at least `logStore`, `stateStore`, `transport` and `machineFactory`; anything else has a default. */
  readonly modules: readonly ContainerModule[];
}

/**
 * Composes a host. Nothing runs before its `start`.
 *
 * An exception in a stream's subscriber must not stop the member, so RxJS is told to log those, unless the program has
 * told it something else.
 */
export function createHost({ config, modules }: HostParts): Host {
  const container = new Container();
  container.load(...modules);
  bindDefault(container, tokens.clock, systemClock);
  bindDefault(container, tokens.scheduler, systemScheduler);
  bindDefault(container, tokens.random, Math.random);
  bindDefault(container, tokens.logger, silentLogger);
  bindDefault(container, tokens.snapshotStore, null);
  bindDefault(container, tokens.archive, null);
  bindDefault(container, tokens.effectHandlers, () => ({}));
  bindDefault(container, tokens.roomWatch, ampleRoom);
  bindDefault(container, tokens.recorderConfig, recorderConfig({}, config.groups.length));
  bindDefault(container, tokens.recordingFiles, null);
  container.bind(tokens.hostConfig).toConstantValue(config);
  container.bind(Container).toConstantValue(container);
  for (const part of [DurableWriter, FailStop, Outbox, PeerDirectory, SnapshotPace, TurnLoop, Host])
    container.bind<object>(part).to(part).inSingletonScope();
  const logger = container.get(tokens.logger);
  rxjs.onUnhandledError ??= (error) => logger.error({ err: error }, 'a subscriber of a stream threw');
  return container.get(Host);
}

function bindDefault<T>(container: Container, token: ServiceIdentifier<T>, value: T): void {
  if (!container.isBound(token)) container.bind(token).toConstantValue(value);
}
