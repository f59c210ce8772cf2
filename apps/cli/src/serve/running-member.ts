import { createHost, type Host, hostConfig, type Logger, tokens } from '@flotilla/runtime';
import { HttpGateway } from '@flotilla/gateway-http';
import { openLmdbStorage } from '@flotilla/storage-lmdb';
import { TcpTransport } from '@flotilla/transport-tcp';
import { ContainerModule } from 'inversify';
import type { App } from '../apps.ts';
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
    identity: { clusterId: config.cluster, memberId: config.member, app: app.name },
    retention: config.journal,
  });
  const transport = new TcpTransport({
    clusterId: config.cluster,
    memberId: config.member,
    listen: config.listen,
    peers: new Map([...config.peers].filter(([member]) => member !== config.member)),
    onEvent: (event) => logger.info({ event }, `transport: ${event.kind}`),
  });
  const ports = new ContainerModule(({ bind }) => {
    bind(tokens.logStore).toConstantValue(storage.logStore);
    bind(tokens.stateStore).toConstantValue(storage.stateStore);
    bind(tokens.transport).toConstantValue(transport);
    bind(tokens.machineFactory).toConstantValue(() => app.createMachine());
    bind(tokens.logger).toConstantValue(logger);
  });
  const host = createHost({
    config: hostConfig({ member: config.member, groups: [{ id: appGroup, voters: [...config.peers.keys()] }], raft: config.raft }),
    modules: [ports],
  });
  await host.start();
  const gateway = new HttpGateway({
    group: host.group(appGroup),
    host: config.clientListen.host,
    port: config.clientListen.port,
    routes: app.routes,
  });
  try {
    await gateway.start();
  } catch (error) {
    await host.stop();
    throw error;
  }
  logger.info({ client: formatAddress(config.clientListen), peers: formatAddress(config.listen) }, 'serving');
  return {
    host,
    async stop() {
      await gateway.close();
      await host.stop();
    },
  };
}
