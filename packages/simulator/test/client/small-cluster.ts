import type { MemberId } from '@flotilla/core';
import { createHost, type Group, hostConfig, tokens } from '@flotilla/runtime';
import { accept, command, defineMachine, event, query, reject, replicate } from '@flotilla/state-machine';
import { MemoryDisk, MemoryLogStore, MemoryStateStore } from '@flotilla/storage/memory';
import type { OnReachability, Receive, Transport } from '@flotilla/transport';
import { ContainerModule } from 'inversify';
import { ClientNetwork } from '../../src/client/client-network.ts';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { World } from '../../src/engine/world.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';

function unchecked<T>() {
  const types = undefined as { readonly input: T; readonly output: T } | undefined;
  return { '~standard': { version: 1 as const, vendor: 'test', types, validate: (value: unknown) => ({ value: value as T }) } };
}

/** Adds numbers up and refuses those that are negative. */
export const adder = defineMachine({
  name: 'adder',
  version: 1,
  state: () => ({ total: 0 }),
  commands: {
    add: command(unchecked<number>(), (state, n) =>
      n < 0 ? reject('negative', 'the number is negative', { n }) : accept(state.total + n, [event('added', n)]),
    ),
  },
  events: { added: (state, n: number) => ({ total: state.total + n }) },
  queries: { total: query((state) => state.total), bytes: query(() => new Uint8Array([1, 2])) },
});

interface Slot {
  readonly id: MemberId;
  readonly disk: MemoryDisk;
  process: SimProcess | null;
  group: Group | null;
  receive: Receive | null;
  onReachability: OnReachability | null;
}

/** Production hosts over memory stores and a network between them that loses nothing, with clients who may be cut off. */
export class SmallCluster {
  readonly world = new World();
  readonly random: SeededRandom;
  readonly clients: ClientNetwork;
  readonly slots: readonly Slot[];
  /** Addresses that no client reaches. */
  readonly cutOff = new Set<string>();

  constructor({ members = 1, seed = 1 } = {}) {
    this.random = new SeededRandom(seed);
    this.slots = Array.from({ length: members }, (_, i) => ({
      id: i + 1,
      disk: new MemoryDisk(),
      process: null,
      group: null,
      receive: null,
      onReachability: null,
    }));
    this.clients = new ClientNetwork({
      world: this.world,
      random: this.random.fork('clients'),
      hostAt: (address) => this.slots.find(({ id }) => address === addressOf(id)) ?? null,
      reaches: (_client, address) => !this.cutOff.has(address),
    });
  }

  slot(id: MemberId): Slot {
    const slot = this.slots[id - 1];
    if (slot === undefined) throw new Error(`there is no member ${id}`);
    return slot;
  }

  async start(id: MemberId): Promise<void> {
    const slot = this.slot(id);
    const random = this.random.fork(`member ${id}`);
    const process = new SimProcess({ world: this.world, clock: new HostClock(this.world), random, turnMs: 0.1 });
    const ports = new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(new MemoryLogStore(slot.disk));
      bind(tokens.stateStore).toConstantValue(new MemoryStateStore(slot.disk));
      bind(tokens.transport).toConstantValue(this.#transport(slot));
      bind(tokens.machineFactory).toConstantValue(() => replicate(adder));
      bind(tokens.clock).toConstantValue(process);
      bind(tokens.scheduler).toConstantValue(process);
      bind(tokens.random).toConstantValue(() => random.next());
    });
    const founders = this.slots.map((each) => ({
      id: each.id,
      peerAddress: `peer-${each.id}:80`,
      clientAddress: addressOf(each.id),
      voter: true,
      witness: false,
      priority: 0,
    }));
    const host = createHost({ config: hostConfig({ member: id, groups: [{ id: 1, founders }] }), modules: [ports] });
    await this.world.settled(host.start());
    slot.process = process;
    slot.group = host.group(1);
  }

  /** Starts everybody, and resolves with the leader once all know it. */
  async elect(): Promise<MemberId> {
    for (const { id } of this.slots) await this.start(id);
    const leaders = () => new Set(this.slots.map(({ group }) => group?.status().leader ?? 0));
    if (!(await this.world.run(60_000, () => leaders().size === 1 && !leaders().has(0)))) throw new Error('there is no leader');
    return [...leaders()][0] ?? 0;
  }

  kill(id: MemberId): void {
    const slot = this.slot(id);
    slot.process?.kill();
    if (slot.process !== null) this.clients.processEnded(slot.process);
    slot.process = null;
    slot.group = null;
    slot.receive = null;
  }

  #transport(slot: Slot): Transport {
    return {
      start: async (receive, onReachability) => {
        slot.receive = receive;
        slot.onReachability = onReachability ?? null;
        for (const other of this.slots) {
          if (other === slot || other.receive === null) continue;
          other.onReachability?.(slot.id, true);
          slot.onReachability?.(other.id, true);
        }
      },
      setPeers: () => {},
      send: (to, messages) => {
        this.world.after(1, () => {
          const { process, receive } = this.slot(to);
          process?.enter(() => receive?.(slot.id, messages));
        });
        return this.slot(to).receive !== null;
      },
      close: async () => {},
    };
  }
}

export function addressOf(id: MemberId): string {
  return `client-${id}:80`;
}
