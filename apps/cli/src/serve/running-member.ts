import { type App, HttpGateway } from '@flotilla/gateway-http';
import { createHost, type Host, hostConfig, type Logger, recordingDirectory, tokens } from '@flotilla/runtime';
import { type LmdbStorage, openLmdbStorage } from '@flotilla/storage-lmdb';
import { TcpTransport } from '@flotilla/transport-tcp';
import { ContainerModule } from 'inversify';
import { formatAddress } from '../address.ts';
import type { ServeConfig } from './serve-config.ts';

/** A member that serves: a host and the gateway in front of it. */
export interface RunningMember {
  readonly host: Host;
  /** Finishes what is under way, then closes gateway, host and storage. */
  stop(): Promise<void>;
}

/** The one group of a bundled app. */
const appGroup = 1;

/** Opens the storage, starts the host and then the gateway. Whatever was opened is closed again where a later step fails. */
export async function startMember(app: App, config: ServeConfig, logger: Logger): Promise<RunningMember> {
  const storage = await openLmdbStorage({
    directory: config.dataDirectory,
    identity: { clusterId: config.cluster, memberId: config.member, app: app.name, voters: [...config.peers.keys()] },
    retention: config.journal,
  });
  try {
    return await startOn(storage, app, config, logger);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function startOn(storage: LmdbStorage, app: App, config: ServeConfig, logger: Logger): Promise<RunningMember> {
  const host = createHost({
    config: hostConfig({ member: config.member, groups: [{ id: appGroup, voters: [...config.peers.keys()] }], raft: config.raft }),
    modules: [adapters(storage, app, config, logger)],
  });
  await host.start();
  host.group(appGroup).roles$.subscribe(({ role, term, leader }) => logger.info({ role, term, leader }, 'role'));
  const gateway = new HttpGateway({
    group: host.group(appGroup),
    ...config.clientListen,
    ...(app.routes && { routes: app.routes }),
    ...(app.rejectionStatus && { rejectionStatus: app.rejectionStatus }),
    hostInfo: () => ({ cluster: config.cluster, app: app.name }),
    reportError: (error, request) => logger.error({ err: error, request }, 'a request failed'),
  });
  // In the order in which they depend on each other; one that fails does not keep the next from closing.
  const stop = () =>
    gateway
      .close()
      .finally(() => host.stop())
      .finally(() => storage.close());
  try {
    await gateway.start();
  } catch (error) {
    await stop();
    throw error;
  }
  logger.info({ clients: formatAddress(config.clientListen), peers: formatAddress(config.listen) }, 'serving');
  return { host, stop };
}

function adapters(storage: LmdbStorage, app: App, config: ServeConfig, logger: Logger): ContainerModule {
  const transport = new TcpTransport({
    clusterId: config.cluster,
    memberId: config.member,
    listen: config.listen,
    peers: new Map([...config.peers].filter(([member]) => member !== config.member)),
    onEvent: (event) => logger.info({ event }, `transport: ${event.kind}`),
  });
  return new ContainerModule(({ bind }) => {
    bind(tokens.logStore).toConstantValue(storage.logStore);
    bind(tokens.stateStore).toConstantValue(storage.stateStore);
    bind(tokens.transport).toConstantValue(transport);
    bind(tokens.machineFactory).toConstantValue(() => app.machine.create());
    bind(tokens.logger).toConstantValue(logger);
    bind(tokens.recordingFiles).toConstantValue(recordingDirectory(config.dataDirectory));
  });
}
