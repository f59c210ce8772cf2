import type { MemberId } from '@flotilla/core';
import { tokens } from '@flotilla/runtime';
import { type AnyMachineDefinition, type EffectHandlers, type MachineEvent, replicate } from '@flotilla/state-machine';
import { ContainerModule } from 'inversify';
import { VirtualCluster, type VirtualClusterOptions } from '../virtual-cluster.ts';

interface LedgerOptions extends Partial<VirtualClusterOptions> {
  readonly program: (member: MemberId) => AnyMachineDefinition;
  readonly handlers?: (member: MemberId) => EffectHandlers;
}

/** Three members that run a ledger, with a leader; joiners have not started. */
export async function ledgerCluster({ program, handlers = () => ({}), ...options }: LedgerOptions) {
  const cluster = new VirtualCluster({
    machine: (_group, space, member) => replicate(program(member), space),
    modules: (member) => [new ContainerModule(({ bind }) => void bind(tokens.effectHandlers).toConstantValue(() => handlers(member)))],
    ...options,
  });
  for (const id of [1, 2, 3]) await cluster.start(id);
  const leader = await cluster.elect();
  const execute = (id: MemberId, type: string, input: unknown) => cluster.settled(cluster.group(id).execute({ type, input }));
  const total = async (id: MemberId) => (await cluster.settled(cluster.group(id).query('total', undefined))).result;
  return { cluster, leader, execute, total };
}

/** Every event that is in a member's journal. */
export async function journalOf(cluster: VirtualCluster, id: MemberId): Promise<readonly MachineEvent[]> {
  const end = new AbortController();
  const events: MachineEvent[] = [];
  const read = (async () => {
    for await (const batch of cluster.group(id).events({ from: 1, signal: end.signal })) events.push(...batch.events);
  })();
  await cluster.time.pass(100);
  end.abort();
  await read;
  return events;
}
