import type { GroupId, MemberId, MemberInfo, Message, RaftConfig } from '@flotilla/core';
import { createHost, type Determinism, type Group, type Host, type HostLimits, hostConfig, tokens } from '@flotilla/runtime';
import type { SnapshotPolicy, SnapshotStore } from '@flotilla/snapshot';
import { MemorySnapshotStore } from '@flotilla/snapshot/memory';

import { oneVersion, type ReplicatedMachine, replicate, type StateMachine, type StateSpace } from '@flotilla/state-machine';
import type { LogStore, LogWrite } from '@flotilla/storage';
import { MemoryDisk, MemoryLogStore, MemoryStateStore } from '@flotilla/storage/memory';
import type { GroupMessage, OnReachability, Peers, Receive, Transport } from '@flotilla/transport';
import { ContainerModule } from 'inversify';
import { VirtualTime } from './virtual-time.ts';

const networkDelayMs = 1;
const diskDelayMs = 2;

interface Slot {
  readonly id: MemberId;
  disk: MemoryDisk;
  /** Counts its starts and crashes: a process that has crashed keeps running here, but writes nothing any more. */
  life: number;
  readonly snapshots: MemorySnapshotStore;
  host: Host | null;
  receive: Receive | null;
  onReachability: OnReachability | null;
  /** Whom its transport was told to reach. */
  peers: Peers;
}

export interface VirtualClusterOptions {
  readonly members?: number;
  /** Hosts beside the members, which wait to be added; numbered behind them. */
  readonly joiners?: number;
  readonly witnesses?: readonly MemberId[];
  /** How many groups there are, on all hosts. */
  readonly groups?: number;
  /** A machine, or what runs one. */
  readonly machine: (group: GroupId, space: StateSpace, member: MemberId) => StateMachine | ReplicatedMachine;
  /** Default: never. */
  readonly stateComparisonMs?: number;
  readonly determinism?: Determinism;
  readonly raft?: Partial<RaftConfig>;
  readonly snapshot?: SnapshotPolicy;
  readonly limits?: Partial<HostLimits>;
  readonly wrapLogStore?: (store: LogStore, member: MemberId) => LogStore;
  /** What else a member's host binds. */
  readonly modules?: (member: MemberId) => readonly ContainerModule[];
}

/** Production hosts over memory stores, a perfect but slow network, and virtual time. */
export class VirtualCluster {
  readonly time = new VirtualTime();
  readonly slots: readonly Slot[];
  /** Messages that this says true of are lost. */
  lose: (from: MemberId, to: MemberId, message: Message) => boolean = () => false;
  /** What went over the network so far. */
  readonly sent = { batches: 0, messages: 0 };
  readonly #options: VirtualClusterOptions;
  #seed = 1;

  constructor(options: VirtualClusterOptions) {
    this.#options = options;
    const count = (options.members ?? 3) + (options.joiners ?? 0);
    this.slots = Array.from({ length: count }, (_, i) => newSlot(i + 1));
  }

  slot(id: MemberId): Slot {
    const slot = this.slots[id - 1];
    if (!slot) throw new Error(`there is no member ${id}`);
    return slot;
  }

  group(id: MemberId): Group {
    const { host } = this.slot(id);
    if (!host) throw new Error(`member ${id} is down`);
    return host.group(1);
  }

  get running(): readonly MemberId[] {
    return this.slots.filter(({ host }) => host !== null).map(({ id }) => id);
  }

  async start(id: MemberId, snapshots: SnapshotStore | null = this.slot(id).snapshots): Promise<Host> {
    const slot = this.slot(id);
    const { machine, raft, limits, wrapLogStore, stateComparisonMs = 0, determinism = 'trusted' } = this.#options;
    const life = ++slot.life;
    const store = new SlowLogStore(new MemoryLogStore(slot.disk), this.time, () => slot.life === life);
    const ports = new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(wrapLogStore?.(store, id) ?? store);
      bind(tokens.stateStore).toConstantValue(new MemoryStateStore(slot.disk));
      bind(tokens.snapshotStore).toConstantValue(snapshots);
      bind(tokens.transport).toConstantValue(new VirtualTransport(this, slot));
      bind(tokens.machineFactory).toConstantValue((group, space) => {
        const one = machine(group, space, id);
        if ('service' in one) return one;
        return replicate(
          oneVersion(one, () => one),
          space,
        );
      });
      bind(tokens.clock).toConstantValue(this.time);
      bind(tokens.scheduler).toConstantValue(this.time);
      bind(tokens.random).toConstantValue(() => this.#draw());
    });
    const { members = 3, witnesses = [] } = this.#options;
    const all = this.slots.slice(0, members).map((other) => founder(other.id, witnesses.includes(other.id)));
    const { snapshot } = this.#options;
    const group = { founders: id <= members ? all : [], witness: witnesses.includes(id), ...(snapshot && { snapshot }) };
    const groups = Array.from({ length: this.#options.groups ?? 1 }, (_, i) => ({ id: i + 1, ...group }));
    const config = hostConfig({ member: id, groups, raft: raft ?? {}, limits: limits ?? {}, stateComparisonMs, determinism });
    const host = createHost({ config, modules: [ports, ...(this.#options.modules?.(id) ?? [])] });
    // A new group is written to disk before the host takes part, and this disk takes its time.
    await this.settled(host.start());
    slot.host = host;
    return host;
  }

  async startAll(): Promise<void> {
    for (const { id } of this.slots) await this.start(id);
  }

  /** Ends a member without a word, as a power cut: what its disk has stays. */
  crash(id: MemberId): void {
    const slot = this.slot(id);
    slot.life++;
    slot.receive = null;
    slot.onReachability = null;
    slot.host = null;
    for (const other of this.slots) other.onReachability?.(id, false);
  }

  /** Loses everything that a member's disk held. */
  empty(id: MemberId): void {
    this.slot(id).disk = new MemoryDisk();
  }

  leader(): MemberId | null {
    const leading = this.running.map((id) => this.group(id).status()).filter(({ role }) => role === 'leader');
    return leading.sort((a, b) => b.term - a.term)[0]?.member ?? null;
  }

  /** Waits for a leader that the others follow. */
  async elect(): Promise<MemberId> {
    await this.time.until('a leader is followed by everybody', () => {
      const leader = this.leader();
      return leader !== null && this.running.every((id) => this.group(id).status().leader === leader);
    });
    return this.leader() ?? 0;
  }

  /** Lets time pass until `promise` settles. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const mark = () => {
      done = true;
    };
    promise.then(mark, mark);
    await this.time.until('the call settles', () => done);
    return promise;
  }

  #draw(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  deliver(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): boolean {
    this.sent.batches++;
    this.sent.messages += messages.length;
    if (!this.slots[to - 1]?.receive) return false;
    const arriving = messages.filter(({ message }) => !this.lose(from, to, message));
    this.time.after(networkDelayMs, () => this.slot(to).receive?.(from, arriving));
    return true;
  }
}

class VirtualTransport implements Transport {
  readonly #cluster: VirtualCluster;
  readonly #slot: Slot;

  constructor(cluster: VirtualCluster, slot: Slot) {
    this.#cluster = cluster;
    this.#slot = slot;
  }

  async start(receive: Receive, onReachability?: OnReachability): Promise<void> {
    this.#slot.receive = receive;
    this.#slot.onReachability = onReachability ?? null;
    for (const other of this.#cluster.slots) {
      if (other === this.#slot || other.receive === null) continue;
      other.onReachability?.(this.#slot.id, true);
      this.#slot.onReachability?.(other.id, true);
    }
  }

  setPeers(peers: Peers): void {
    this.#slot.peers = peers;
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    // A crashed host keeps running in this process; nobody hears it any more.
    return this.#slot.receive !== null && this.#cluster.deliver(this.#slot.id, to, messages);
  }

  async close(): Promise<void> {
    this.#slot.receive = null;
  }
}

function newSlot(id: MemberId): Slot {
  return {
    id,
    disk: new MemoryDisk(),
    life: 0,
    snapshots: new MemorySnapshotStore(),
    host: null,
    receive: null,
    onReachability: null,
    peers: { addresses: new Map(), highestId: 0 },
  };
}

function founder(id: MemberId, witness: boolean): MemberInfo {
  return { id, peerAddress: `peer-${id}`, clientAddress: `client-${id}`, voter: true, witness, priority: 0 };
}

/** Takes time to write, as disks do. */
class SlowLogStore implements LogStore {
  readonly #store: LogStore;
  readonly #time: VirtualTime;
  readonly #lives: () => boolean;

  constructor(store: LogStore, time: VirtualTime, lives: () => boolean) {
    this.#store = store;
    this.#time = time;
    this.#lives = lives;
  }

  recover(group: number) {
    return this.#store.recover(group);
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    await new Promise<void>((done) => this.#time.after(diskDelayMs, () => this.#lives() && done()));
    await this.#store.write(writes);
  }

  read(group: number, from: number, to: number, bytesMax: number) {
    return this.#store.read(group, from, to, bytesMax);
  }

  close() {
    return this.#store.close();
  }
}
