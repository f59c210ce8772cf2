import { join } from 'node:path';
import { HttpGateway } from '@flotilla/gateway-http';
import {
  createHost,
  type Group,
  type GroupStatus,
  type Host,
  hostConfig,
  type Logger,
  recorderConfig,
  recordingDirectory,
  tokens,
} from '@flotilla/runtime';
import { FileSnapshotStore } from '@flotilla/snapshot/file';
import { replicate } from '@flotilla/state-machine';
import type { Archive } from '@flotilla/storage';
import { FileArchive } from '@flotilla/storage/archive';
import { type LmdbStorage, type OnScanProgress, openLmdbStorage } from '@flotilla/storage-lmdb';
import { TcpTransport, type TransportEvent } from '@flotilla/transport-tcp';
import { ContainerModule } from 'inversify';
import { formatAddress } from '../address.ts';
import type { ServedApp } from '../apps.ts';
import { archiveDirectory, snapshotDirectory } from './member-files.ts';
import type { MemberStart } from './member-start.ts';
import { needlessHandlers } from './needless-handlers.ts';
import type { ServeConfig } from './serve-config.ts';
import { snapshotSettings } from './snapshot-settings.ts';

/** A member that serves: a host and the gateway in front of it. */
export interface RunningMember {
  readonly host: Host;
  /** Finishes what is under way, then closes gateway, host and storage. */
  stop(): Promise<void>;
}

/** The one group of a bundled app. */
const appGroup = 1;

/**
 * Opens the storage, starts the host and then the gateway. Whatever was opened is closed again where a later step fails.
 *
 * A member that is removed later on stays up, so that it can say so.
 */
export async function startMember(app: ServedApp, config: ServeConfig, start: MemberStart, logger: Logger): Promise<RunningMember> {
  const archive = config.archive ? new FileArchive(join(config.dataDirectory, archiveDirectory)) : null;
  const onFailure = (error: unknown) => logger.error({ err: error }, 'the archive cannot be written: what belongs there stays where it is');
  const storage = await openLmdbStorage({
    directory: config.dataDirectory,
    identity: { clusterId: start.cluster, memberId: start.member, app: app.name },
    retention: config.journal,
    onProgress: verificationLog(logger),
    ...(archive && { archive: { archive, onFailure } }),
  });
  for (const warning of storage.warnings) logger.warn({}, warning);
  const needless = needlessHandlers(app.machine, app.effects ?? {});
  if (needless !== null) logger.warn({}, needless);
  try {
    return await startOn({ storage, archive, app, config, start, logger });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** What a member is made of, once its storage is open. */
interface MemberParts {
  readonly storage: LmdbStorage;
  readonly archive: Archive | null;
  readonly app: ServedApp;
  readonly config: ServeConfig;
  readonly start: MemberStart;
  readonly logger: Logger;
}

async function startOn(parts: MemberParts): Promise<RunningMember> {
  const { storage, app, config, start, logger } = parts;
  const { member, founders, witness } = start;
  const { snapshot, raft, limits } = snapshotSettings(config);
  const host = createHost({
    config: hostConfig({
      member,
      groups: [{ id: appGroup, founders, witness, snapshot }],
      raft: { ...config.raft, ...raft },
      limits,
      determinism: config.determinism,
      ...(config.stateComparisonMs !== null && { stateComparisonMs: config.stateComparisonMs }),
    }),
    modules: [adapters(parts)],
  });
  storage.onStop((reason) => host.fail(reason));
  await host.start();
  logChanges(host.group(appGroup), logger);
  const gateway = new HttpGateway({
    group: host.group(appGroup),
    machine: app.machine,
    ...start.clientListen,
    ...(app.routes && { routes: app.routes }),
    ...(app.rejectionStatus && { rejectionStatus: app.rejectionStatus }),
    hostInfo: () => ({ cluster: storage.clusterId, app: app.name }),
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
  storage.startScrub();
  logger.info({ clients: formatAddress(start.clientListen), peers: formatAddress(start.listen) }, 'serving');
  return { host, stop };
}

/** Logs every change of role, and what the member is to its group: that is the last that a removed one has to say. */
function logChanges({ roles$ }: Group, logger: Logger): void {
  let before: GroupStatus['standing'] | null = null;
  roles$.subscribe(({ role, term, leader, standing }) => {
    logger.info({ role, term, leader, standing }, 'role');
    if (standing === 'removed' && before !== 'removed') {
      logger.warn({ standing }, 'this member was removed from its group: it serves nothing any more, and can be stopped');
    }
    before = standing;
  });
}

function adapters({ storage, archive, app, config, start, logger }: MemberParts): ContainerModule {
  const { member, listen, advertise } = start;
  const transport = new TcpTransport({
    clusterId: storage.clusterId,
    memberId: member,
    listen,
    advertise,
    incarnation: storage.incarnation,
    admit: (peer, incarnation) => storage.admit(peer, incarnation),
    seen: (peer) => storage.seen(peer),
    onEvent: (event) => {
      logger[isWarning(event) ? 'warn' : 'info']({ event }, `transport: ${event.kind}`);
      if (event.kind === 'refused' && event.by === 'other-side' && event.peer !== null && event.seen !== null)
        storage.refusedBy(event.peer, event.seen);
    },
  });
  const snapshotStore = new FileSnapshotStore({
    directory: join(config.dataDirectory, snapshotDirectory),
    // The data of a cluster that was recovered is still that cluster's.
    cluster: storage.clusterId.split('#', 1)[0] ?? storage.clusterId,
    onDamaged: (what) => logger.error({ what }, 'a snapshot is damaged and counts for nothing any more'),
  });
  return new ContainerModule(({ bind }) => {
    bind(tokens.logStore).toConstantValue(storage.logStore);
    bind(tokens.stateStore).toConstantValue(storage.stateStore);
    bind(tokens.archive).toConstantValue(archive);
    bind(tokens.snapshotStore).toConstantValue(snapshotStore);
    bind(tokens.roomWatch).toConstantValue(storage.roomWatch);
    bind(tokens.transport).toConstantValue(transport);
    bind(tokens.machineFactory).toConstantValue((_group, space) => replicate(app.machine, space));
    bind(tokens.effectHandlers).toConstantValue(() => app.effects ?? {});
    bind(tokens.logger).toConstantValue(logger);
    bind(tokens.recorderConfig).toConstantValue(recorderConfig(config.recorder));
    bind(tokens.recordingFiles).toConstantValue(recordingDirectory(config.dataDirectory));
  });
}

/** Says every few seconds how far the verification of a large log has come. */
function verificationLog(logger: Logger): OnScanProgress {
  let last = performance.now();
  return ({ group, entries, of, bytes }) => {
    if (performance.now() - last < 3_000) return;
    last = performance.now();
    logger.info({ group, entries, of, bytes }, 'verifying the log');
  };
}

/** What somebody has to look into, unlike a connection that comes and goes. */
function isWarning({ kind }: TransportEvent): boolean {
  return kind === 'refused' || kind === 'protocol-error' || kind === 'receive-failed';
}
