import type { MemberId, MemberInfo, Message } from '@flotilla/core';
import { createHost, type Group, hostConfig, tokens } from '@flotilla/runtime';
import { MemorySnapshotStore } from '@flotilla/snapshot/memory';
import {
  type CommittedCommand,
  decodeCommand,
  encodeCommand,
  type Outcome,
  oneVersion,
  replicate,
  type StateMachine,
} from '@flotilla/state-machine';
import { MemoryDisk, MemoryLogStore, MemoryStateStore } from '@flotilla/storage/memory';
import { encodeFrame } from '@flotilla/transport';
import { ContainerModule } from 'inversify';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { World } from '../../src/engine/world.ts';
import { calmNetwork, type NetworkProfile } from '../../src/network/network-profile.ts';
import { SimNetwork } from '../../src/network/sim-network.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';

class Numbers implements StateMachine {
  readonly name = 'numbers';
  readonly version = 1;
  #numbers: number[] = [];

  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    return commands.map(({ payload }) => {
      const reply = this.#numbers.push(Number(decodeCommand(payload).input));
      return { kind: 'accepted', reply, events: [] };
    });
  }

  query(): unknown {
    return [...this.#numbers];
  }

  async encode(command: { readonly type: string; readonly input: unknown }): Promise<Uint8Array> {
    return encodeCommand(command);
  }

  decode(payload: Uint8Array) {
    return decodeCommand(payload);
  }

  snapshot(): Uint8Array {
    return encodeCommand({ type: 'numbers', input: this.#numbers });
  }

  restore(snapshot: Uint8Array): void {
    this.#numbers = [...(decodeCommand(snapshot).input as number[])];
  }
}

const ids = [1, 2, 3];

function founder(id: MemberId): MemberInfo {
  return { id, peerAddress: `peer-${id}`, clientAddress: `client-${id}`, voter: true, witness: false, priority: 0 };
}

/** Production hosts over this network, and what each message was made of when it left. */
class ProductionCluster {
  readonly world = new World();
  readonly network: SimNetwork;
  readonly sent = new Map<Message, Uint8Array>();
  readonly kinds = new Set<Message['kind']>();
  readonly groups = new Map<MemberId, Group>();
  readonly #random = new SeededRandom(3);

  constructor(profile: Partial<NetworkProfile>) {
    this.network = new SimNetwork({
      world: this.world,
      random: this.#random,
      profile: { ...calmNetwork, ...profile },
      watch: {
        onSend: (_from, _to, message) => {
          // One object may go to several peers.
          if (!this.sent.has(message)) this.sent.set(message, encodeFrame({ group: 1, message }));
          this.kinds.add(message.kind);
        },
      },
    });
  }

  async start(): Promise<void> {
    await Promise.all(ids.map((id) => this.#startOne(id)));
  }

  /** The messages that are not any more what they were when they left. */
  changedSince(): Message[] {
    return [...this.sent].flatMap(([message, bytes]) => (Buffer.compare(encodeFrame({ group: 1, message }), bytes) === 0 ? [] : [message]));
  }

  async leader(): Promise<MemberId> {
    await this.world.run(this.world.now + 30_000, () => this.#leads() !== null);
    return this.#leads() ?? 0;
  }

  #leads(): MemberId | null {
    const leading = [...this.groups.values()].map((group) => group.status()).filter(({ role }) => role === 'leader');
    return leading.toSorted((a, b) => b.term - a.term)[0]?.member ?? null;
  }

  async #startOne(member: MemberId): Promise<void> {
    const { world } = this;
    const random = this.#random.fork(`host ${member}`);
    const process = new SimProcess({ world, clock: new HostClock(world), random, turnMs: 0.05 });
    const disk = new MemoryDisk();
    const ports = new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(new MemoryLogStore(disk));
      bind(tokens.stateStore).toConstantValue(new MemoryStateStore(disk));
      bind(tokens.snapshotStore).toConstantValue(new MemorySnapshotStore());
      const identity = { incarnation: `${member}`, admit: () => null };
      bind(tokens.transport).toConstantValue(this.network.transport({ member, process, identity }));
      bind(tokens.machineFactory).toConstantValue(() => replicate(oneVersion({ name: 'numbers', version: 1 }, () => new Numbers())));
      bind(tokens.clock).toConstantValue(process);
      bind(tokens.scheduler).toConstantValue(process);
      bind(tokens.random).toConstantValue(() => random.next());
    });
    const raft = { trailingEntries: 5, snapshotChunkBytesMax: 256 };
    const config = hostConfig({ member, groups: [{ id: 1, founders: ids.map(founder) }], raft });
    const host = createHost({ config, modules: [ports] });
    await world.settled(host.start());
    this.groups.set(member, host.group(1));
  }
}

test.each([
  ['calm', {}],
  ['storm of datagrams', { datagrams: true, jitterMs: 2, loss: 0.03, duplication: 0.03, reordering: 0.03 }],
] as const)('production hosts replicate over it by reference, and nobody changes what was sent (%s)', async (_name, profile) => {
  const cluster = new ProductionCluster(profile);
  await cluster.start();
  const away = ((await cluster.leader()) % 3) + 1;
  const calls: Promise<unknown>[] = [];
  const submit = (member: MemberId, input: number) => {
    const call = cluster.groups.get(member)?.execute({ type: 'add', input });
    // In a storm a command may fail, which is not what this is about.
    calls.push(Promise.resolve(call).catch((error: unknown) => error));
  };
  for (let i = 0; i < 300; i++) {
    if (i === 100) cluster.network.faults.isolate(away);
    for (const id of ids) if (id !== away || i < 100) submit(id, i);
    await cluster.world.run(cluster.world.now + 10);
  }
  await cluster.world.settled(Promise.all(calls));
  const leader = await cluster.leader();
  await cluster.world.settled(Promise.resolve(cluster.groups.get(leader)?.takeSnapshot()));
  cluster.network.healAll();
  const last = () => ids.map((id) => cluster.groups.get(id)?.status().appliedIndex);
  expect(await cluster.world.run(cluster.world.now + 60_000, () => new Set(last()).size === 1)).toBe(true);
  const read = (id: MemberId) => cluster.groups.get(id)?.query('all', null, { consistency: 'stale' });
  const states = await cluster.world.settled(Promise.all(ids.map(read)));
  expect(states[1]).toEqual(states[0]);
  expect(states[2]).toEqual(states[0]);
  for (const kind of ['propose', 'append', 'heartbeat', 'snapshot-chunk'] as const) expect(cluster.kinds).toContain(kind);
  expect(cluster.changedSince()).toEqual([]);
});
