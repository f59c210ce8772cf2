import type { MemberId, Message, RaftConfig } from '@flotilla/core';
import { createHost, type Group, type Host, type HostLimits, hostConfig, tokens } from '@flotilla/runtime';
import type { StateMachine } from '@flotilla/state-machine';
import type { LogStore, LogWrite } from '@flotilla/storage';
import { MemoryDisk, MemoryLogStore, MemoryStateStore } from '@flotilla/storage/memory';
import type { GroupMessage, Receive, Transport } from '@flotilla/transport';
import { ContainerModule } from 'inversify';
import { VirtualTime } from './virtual-time.ts';

const networkDelayMs = 1;
const diskDelayMs = 2;

interface Slot {
  readonly id: MemberId;
  readonly disk: MemoryDisk;
  host: Host | null;
  receive: Receive | null;
}

export interface VirtualClusterOptions {
  readonly members?: number;
  readonly machine: () => StateMachine;
  readonly raft?: Partial<RaftConfig>;
  readonly limits?: Partial<HostLimits>;
  readonly wrapLogStore?: (store: LogStore, member: MemberId) => LogStore;
}

/** Production hosts over memory stores, a perfect but slow network, and virtual time. */
export class VirtualCluster {
  readonly time = new VirtualTime();
  readonly slots: readonly Slot[];
  /** Messages that this says true of are lost. */
  lose: (from: MemberId, to: MemberId, message: Message) => boolean = () => false;
  readonly #options: VirtualClusterOptions;
  #seed = 1;

  constructor(options: VirtualClusterOptions) {
    this.#options = options;
    this.slots = Array.from({ length: options.members ?? 3 }, (_, i) => ({ id: i + 1, disk: new MemoryDisk(), host: null, receive: null }));
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

  async start(id: MemberId): Promise<Host> {
    const slot = this.slot(id);
    const { machine, raft, limits, wrapLogStore } = this.#options;
    const store = new SlowLogStore(new MemoryLogStore(slot.disk), this.time);
    const ports = new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(wrapLogStore?.(store, id) ?? store);
      bind(tokens.stateStore).toConstantValue(new MemoryStateStore(slot.disk));
      bind(tokens.transport).toConstantValue(new VirtualTransport(this, slot));
      bind(tokens.machineFactory).toConstantValue(machine);
      bind(tokens.clock).toConstantValue(this.time);
      bind(tokens.scheduler).toConstantValue(this.time);
      bind(tokens.random).toConstantValue(() => this.#draw());
    });
    const voters = this.slots.map((other) => other.id);
    const config = hostConfig({ member: id, groups: [{ id: 1, voters }], raft: raft ?? {}, limits: limits ?? {} });
    slot.host = createHost({ config, modules: [ports] });
    await slot.host.start();
    return slot.host;
  }

  async startAll(): Promise<void> {
    for (const { id } of this.slots) await this.start(id);
  }

  /** Ends a member without a word, as a power cut: what its disk has stays. */
  crash(id: MemberId): void {
    const slot = this.slot(id);
    slot.receive = null;
    slot.host = null;
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
    if (!this.slot(to).receive) return false;
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

  async start(receive: Receive): Promise<void> {
    this.#slot.receive = receive;
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    // A crashed host keeps running in this process; nobody hears it any more.
    return this.#slot.receive !== null && this.#cluster.deliver(this.#slot.id, to, messages);
  }

  async close(): Promise<void> {
    this.#slot.receive = null;
  }
}

/** Takes time to write, as disks do. */
class SlowLogStore implements LogStore {
  readonly #store: LogStore;
  readonly #time: VirtualTime;

  constructor(store: LogStore, time: VirtualTime) {
    this.#store = store;
    this.#time = time;
  }

  recover(group: number) {
    return this.#store.recover(group);
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    await new Promise<void>((done) => this.#time.after(diskDelayMs, done));
    await this.#store.write(writes);
  }

  read(group: number, from: number, to: number, bytesMax: number) {
    return this.#store.read(group, from, to, bytesMax);
  }

  close() {
    return this.#store.close();
  }
}
