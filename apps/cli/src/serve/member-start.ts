import { existsSync } from 'node:fs';
import path from 'node:path';
import { connectCluster, isClientError } from '@flotilla/client';
import { isFlotillaError, type MemberInfo } from '@flotilla/core';
import type { Logger } from '@flotilla/runtime';
import { readIdentity } from '@flotilla/storage-lmdb';
import { type Address, formatAddress, parseAddress } from '../address.ts';
import { usageError } from '../usage-error.ts';
import { clusterToJoin, defaultJoinOptions, joinCluster } from './join-cluster.ts';
import { type Origin, readOrigin, removeOrigin, writeOrigin } from './origin.ts';
import { missing, type ServeConfig } from './serve-config.ts';

/** Everything that a member must know before it opens its storage. */
export interface MemberStart {
  readonly cluster: string;
  readonly member: number;
  /** Who founds the group; empty for a member that joined. Of no consequence once the group's log has begun. */
  readonly founders: readonly MemberInfo[];
  readonly witness: boolean;
  readonly listen: Address;
  readonly clientListen: Address;
  /** Where the other members reach this one: host:port. */
  readonly advertise: string;
}

/** Where a member listens, and where others reach it. */
interface Places {
  readonly listen: Address;
  readonly clientListen: Address;
  readonly peerAddress: string;
  readonly clientAddress: string;
}

/**
 * Finds out who this member is: from its data directory; from the founding list; or by joining a cluster, which adds it
 * there. What it is to become is on disk before it is asked for.
 */
export async function memberStart(app: string, config: ServeConfig, logger: Logger): Promise<MemberStart> {
  const origin = await readOrigin(config.dataDirectory);
  const hasData = await readIdentity(config.dataDirectory).then(
    () => true,
    () => false,
  );
  if (origin !== null && origin.kind !== 'joining' && hasData) return restart(origin, true, config, logger);
  if (
    origin?.kind !== 'founded' &&
    origin?.kind !== 'joined' &&
    config.members === null &&
    existsSync(path.join(config.dataDirectory, 'identity.json'))
  ) {
    throw usageError(
      `${config.dataDirectory} holds data, and no origin.json that says of which member`,
      'Say it with --members, or name another directory.',
    );
  }
  if (config.join !== null && config.members === null) return join(app, origin, config, logger);
  if (config.join === null && config.members !== null) return found(config.members, hasData, config);
  if (origin?.kind === 'founded' || origin?.kind === 'joined') return restart(origin, false, config, logger);
  const hint = 'Give --members to found a cluster, or --join with the client address of a member of one.';
  throw usageError(`${config.dataDirectory} is new, and ${config.join === null ? 'neither' : 'both'} --members and --join are given`, hint);
}

/** The directory says who it is. What the configuration says besides is checked by the storage, or of no consequence. */
function restart(
  origin: Exclude<Origin, { readonly kind: 'joining' }>,
  hasData: boolean,
  config: ServeConfig,
  logger: Logger,
): MemberStart {
  const founders = origin.kind === 'founded' ? origin.founders : [];
  if (config.members !== null && origin.kind === 'founded' && JSON.stringify(config.members) !== JSON.stringify(founders)) {
    logger.warn({ founders }, 'the members in the configuration are not those of the first start: the replicated membership counts');
  }
  if (config.join !== null) logger.info({ member: origin.member }, 'this member has joined before: --join is of no consequence');
  const self = origin.kind === 'founded' ? selfAmong(founders, origin.member) : origin;
  const { listen, clientListen, peerAddress } = places(config, self);
  return {
    // A recovery gives the cluster another name behind a #, which the storage knows.
    cluster: hasData ? (config.cluster ?? origin.cluster.replace(/#.*/, '')) : origin.cluster,
    member: config.member ?? origin.member,
    founders,
    witness: origin.kind === 'founded' ? selfAmong(founders, origin.member).witness : origin.role === 'witness',
    listen,
    clientListen,
    advertise: peerAddress,
  };
}

async function found(founders: readonly MemberInfo[], hasData: boolean, config: ServeConfig): Promise<MemberStart> {
  const { cluster, member, dataDirectory } = config;
  if (cluster === null) throw missing('cluster');
  if (member === null) throw missing('member');
  const self = selfAmong(founders, member);
  const { listen, clientListen, peerAddress } = places(config, self);
  if (!hasData) await writeOrigin(dataDirectory, { format: 1, kind: 'founded', cluster, member, founders: [...founders] });
  return { cluster, member, founders, witness: self.witness, listen, clientListen, advertise: peerAddress };
}

async function join(app: string, origin: Origin | null, config: ServeConfig, logger: Logger): Promise<MemberStart> {
  const { dataDirectory, role, member } = config;
  const { listen, clientListen, peerAddress, clientAddress } = places(config, null);
  for (const [address, flag] of [
    [peerAddress, '--advertise'],
    [clientAddress, '--client-advertise'],
  ] as const) {
    if (isWildcard(address)) throw usageError(`nobody can reach this member at ${address}`, `Say with ${flag} where the others reach it.`);
  }
  if (origin !== null && (origin.kind === 'founded' || origin.peerAddress !== peerAddress || origin.clientAddress !== clientAddress)) {
    const before = origin.kind === 'founded' ? 'to found a cluster' : `as ${origin.peerAddress}, for clients ${origin.clientAddress}`;
    throw usageError(
      `${dataDirectory} began ${before}, and that start was cut short`,
      'Start it like that again; or remove the directory and, if flotilla members list shows it, that member.',
    );
  }
  const client = connectCluster(config.join ?? []);
  try {
    const cluster = await clusterToJoin(client, app, config.cluster);
    const intent = { format: 1, cluster, role, peerAddress, clientAddress } as const;
    if (origin?.kind !== 'joined') await writeOrigin(dataDirectory, { ...intent, kind: 'joining' });
    const applicant = { peerAddress, clientAddress, role, member };
    const onWait = (reason: string) => logger.info({ reason }, 'waiting to be added');
    const adding = origin?.kind === 'joined' ? origin.member : joinCluster(client, applicant, { ...defaultJoinOptions, onWait });
    const id = await Promise.resolve(adding).catch(async (error: unknown) => {
      // Nobody was added, so that the directory is as new as before.
      if (origin === null && isAddressTaken(error)) await removeOrigin(dataDirectory);
      throw error;
    });
    await writeOrigin(dataDirectory, { ...intent, kind: 'joined', member: id });
    logger.info({ cluster, member: id, role }, 'joining the cluster');
    return { cluster, member: id, founders: [], witness: role === 'witness', listen, clientListen, advertise: peerAddress };
  } finally {
    client.close();
  }
}

function isAddressTaken(error: unknown): boolean {
  return isFlotillaError(error, 'address_of_a_voter') || (isFlotillaError(error, 'address_in_use') && !isClientError(error));
}

function selfAmong(founders: readonly MemberInfo[], member: number): MemberInfo {
  const self = founders.find(({ id }) => id === member);
  if (self) return self;
  const listed = founders.map(({ id }) => id).join(', ');
  throw usageError(`member ${member} is not among the members ${listed}`, 'List every member of the cluster, this one included.');
}

/** Where the configuration does not say, the member listens where it is known to be reached. */
function places(config: ServeConfig, known: { readonly peerAddress: string; readonly clientAddress: string } | null): Places {
  const listen = config.listen ?? (known && parseAddress(known.peerAddress));
  const clientListen = config.clientListen ?? (known && parseAddress(known.clientAddress));
  if (listen === null) throw missing('listen', ', which a member that joins needs');
  if (clientListen === null) throw missing('clientListen', ', which a member that joins needs');
  return {
    listen,
    clientListen,
    peerAddress: config.advertise ? formatAddress(config.advertise) : (known?.peerAddress ?? formatAddress(listen)),
    clientAddress: config.clientAdvertise ? formatAddress(config.clientAdvertise) : (known?.clientAddress ?? formatAddress(clientListen)),
  };
}

function isWildcard(address: string): boolean {
  const { host, port } = parseAddress(address);
  return port === 0 || host === '0.0.0.0' || /^[0:]+$/.test(host);
}
