import type { MemberId } from '@flotilla/core';
import { type Logger, tokens } from '@flotilla/runtime';
import type { EffectHandlers, VersionRange } from '@flotilla/state-machine';
import { ContainerModule } from 'inversify';
import { VirtualCluster, type VirtualClusterOptions } from '../virtual-cluster.ts';
import { FakeReplica } from './fake-replica.ts';

interface FakeOptions extends Partial<VirtualClusterOptions> {
  readonly versions?: (member: MemberId) => VersionRange;
  readonly spoilt?: (member: MemberId) => number;
  readonly handlers?: (member: MemberId) => EffectHandlers;
}

/** Three members, and joiners that have not started, which run {@link FakeReplica}s, with a leader; `lines` are the warnings and errors that they logged. */
export async function fakeCluster({ versions, spoilt, handlers = () => ({}), ...options }: FakeOptions = {}) {
  const lines: { member: MemberId; message: string; fields: object }[] = [];
  const logger = (member: MemberId): Logger => {
    const note = (fields: object, message: string) => void lines.push({ member, message, fields });
    return { info() {}, warn: note, error: note };
  };
  const cluster = new VirtualCluster({
    machine: (_group, _space, member) => new FakeReplica(versions?.(member), spoilt?.(member)),
    modules: (member) => [
      new ContainerModule(({ bind }) => {
        bind(tokens.effectHandlers).toConstantValue(() => handlers(member));
        bind(tokens.logger).toConstantValue(logger(member));
      }),
    ],
    ...options,
  });
  for (const id of [1, 2, 3]) await cluster.start(id);
  const leader = await cluster.elect();
  const history = (id: MemberId) => readHistory(cluster, id);
  const execute = (id: MemberId, type: string, input: unknown) => cluster.settled(cluster.group(id).execute({ type, input }));
  return { cluster, leader, history, execute, lines };
}

async function readHistory(cluster: VirtualCluster, id: MemberId): Promise<readonly string[]> {
  const { result } = await cluster.settled(cluster.group(id).query('history', null));
  return result as readonly string[];
}
