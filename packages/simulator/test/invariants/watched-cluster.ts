import type { MemberId, MemberInfo, RaftConfig } from '@flotilla/core';
import { createHost, type Group, type Host, hostConfig, recorderConfig, tokens } from '@flotilla/runtime';
import { type AnyMachineDefinition, replicate } from '@flotilla/state-machine';
import { MemoryDisk, MemoryStateStore } from '@flotilla/storage/memory';
import type { GroupMessage, OnReachability, Receive, Transport } from '@flotilla/transport';
import { ContainerModule } from 'inversify';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { World } from '../../src/engine/world.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';
import type { Observer } from '../../src/watch/observer.ts';
import { tellAll } from './told.ts';
import { durableLog, group, SlowLogStore, ToldMachine, ToldSnapshots } from './watched-stores.ts';

interface Slot {
  readonly id: MemberId;
  readonly disk: MemoryDisk;
  readonly snapshots: ToldSnapshots;
  readonly clock: HostClock;
  life: number;
  process: SimProcess | null;
  store: SlowLogStore | null;
  host: Host | null;
  receive: Receive | null;
  onReachability: OnReachability | null;
}

export interface WatchedClusterOptions {
  readonly seed: number;
  readonly members: number;
  /** Hosts that wait to be added, numbered behind the members. */
  readonly joiners?: number;
  readonly witnesses?: readonly MemberId[];
  readonly machine: AnyMachineDefinition;
  readonly observers: readonly Observer[];
  readonly raft?: Partial<RaftConfig>;
  /** Whose disk says that a write is done as soon as it has begun. */
  readonly disksThatLie?: readonly MemberId[];
}

/** Production hosts over memory stores in a simulated world, whose every event observers are told. */
export class WatchedCluster {
  readonly world = new World();
  readonly random: SeededRandom;
  readonly slots: readonly Slot[];
  /** Messages that this says true of are lost. */
  lose: (from: MemberId, to: MemberId) => boolean = () => false;
  readonly #options: WatchedClusterOptions;
  readonly #told: Required<Observer>;
  readonly #arrivals = new Map<string, number>();

  constructor(options: WatchedClusterOptions) {
    this.#options = options;
    this.random = new SeededRandom(options.seed);
    this.#told = this.#guarded(tellAll(options.observers));
    this.slots = Array.from({ length: options.members + (options.joiners ?? 0) }, (_, i) => ({
      id: i + 1,
      disk: new MemoryDisk(),
      snapshots: new ToldSnapshots(),
      clock: new HostClock(this.world, i * 1000),
      life: 0,
      process: null,
      store: null,
      host: null,
      receive: null,
      onReachability: null,
    }));
  }

  slot(id: MemberId): Slot {
    return this.slots[id - 1] as Slot;
  }

  group(id: MemberId): Group | null {
    return this.slot(id).host?.group(group) ?? null;
  }

  get running(): readonly MemberId[] {
    return this.slots.filter(({ host }) => host !== null).map(({ id }) => id);
  }

  leader(): MemberId | null {
    const leading = this.running.map((id) => this.group(id)?.status()).filter((status) => status?.role === 'leader');
    return leading.sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))[0]?.member ?? null;
  }

  converged(): void {
    this.#told.onConverged();
  }

  async start(id: MemberId): Promise<void> {
    const slot = this.slot(id);
    const { machine, raft = {}, members, witnesses = [] } = this.#options;
    const random = this.random.fork(`life ${++slot.life} of ${id}`);
    const process = new SimProcess({ world: this.world, clock: slot.clock, random: random.fork('turns'), turnMs: 0.1 });
    const delayMs = random.fork('disk');
    const drawn = random.fork('draws');
    const told = new ToldMachine(replicate(machine), id, this.#told);
    slot.process = process;
    slot.store = new SlowLogStore(
      slot.disk,
      process,
      () => delayMs.exponential(2),
      (disk) => this.#told.onDurable(id, disk),
      this.#options.disksThatLie?.includes(id) ?? false,
    );
    slot.snapshots.onLoaded = (snapshot, state) => {
      if (!process.alive) return;
      this.#told.onRestored(id, snapshot, state);
      told.restoredTo(snapshot.index);
    };
    const ports = new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(slot.store as SlowLogStore);
      bind(tokens.stateStore).toConstantValue(new MemoryStateStore(slot.disk));
      bind(tokens.snapshotStore).toConstantValue(slot.snapshots);
      bind(tokens.transport).toConstantValue(this.#transport(slot, process));
      bind(tokens.machineFactory).toConstantValue(() => told);
      bind(tokens.clock).toConstantValue(process);
      bind(tokens.scheduler).toConstantValue(process);
      bind(tokens.random).toConstantValue(() => drawn.next());
      bind(tokens.recorderConfig).toConstantValue(recorderConfig({ stepsMax: 1, bytesMax: 1 }));
    });
    const founders = Array.from({ length: members }, (_, i) => founder(i + 1, witnesses.includes(i + 1)));
    const groups = [{ id: group, founders: id <= members ? founders : [], witness: witnesses.includes(id) }];
    const host = createHost({ config: hostConfig({ member: id, groups, raft }), modules: [ports] });
    host.onFailure((reason) => this.world.fail(reason));
    await host.start();
    if (!process.alive) return;
    slot.host = host;
    let begun = false;
    host.group(group).raft$.subscribe((step) => {
      if (!begun) this.#told.onStarted(id, step.before, durableLog(slot.disk));
      begun = true;
      this.#told.onStep(id, step);
    });
  }

  /** Ends a member's process without a word. What is being written gets to the disk, or does not. */
  crash(id: MemberId): void {
    const slot = this.slot(id);
    if (slot.process === null) return;
    slot.process.kill();
    slot.store?.landSome(this.random.integer(0, 1));
    Object.assign(slot, { process: null, store: null, host: null, receive: null, onReachability: null });
    this.#told.onEnded(id);
    for (const { process, onReachability } of this.slots) process?.enter(() => onReachability?.(id, false));
  }

  #transport(slot: Slot, process: SimProcess): Transport {
    return {
      start: async (receive, onReachability) => {
        if (!process.alive) return;
        slot.receive = receive;
        slot.onReachability = onReachability ?? null;
        for (const other of this.slots) {
          if (other === slot || other.receive === null) continue;
          other.process?.enter(() => other.onReachability?.(slot.id, true));
          onReachability?.(other.id, true);
        }
      },
      setPeers: () => {},
      send: (to, messages) => process.alive && this.#deliver(slot.id, to, messages),
      close: async () => {},
    };
  }

  /** In the order of sending, as a connection does. */
  #deliver(from: MemberId, to: MemberId, messages: readonly GroupMessage[]): boolean {
    const target = this.slot(to);
    if (target.receive === null) return false;
    for (const { message } of messages) this.#told.onSend(from, to, message);
    if (this.lose(from, to)) return true;
    const link = `${from} to ${to}`;
    const at = Math.max(this.#arrivals.get(link) ?? 0, this.world.now + this.random.exponential(1));
    this.#arrivals.set(link, at);
    this.world.after(at - this.world.now, () => target.process?.enter(() => target.receive?.(from, messages)));
    return true;
  }

  /** What an observer throws ends the run, and does not reach the code that is watched. */
  #guarded(told: Required<Observer>): Required<Observer> {
    const guard =
      <A extends readonly unknown[]>(tell: (...what: A) => void) =>
      (...what: A) => {
        try {
          tell(...what);
        } catch (error) {
          this.world.fail(error);
        }
      };
    return {
      onStarted: guard(told.onStarted),
      onEnded: guard(told.onEnded),
      onWiped: guard(told.onWiped),
      onHealed: guard(told.onHealed),
      onStep: guard(told.onStep),
      onDurable: guard(told.onDurable),
      onSend: guard(told.onSend),
      onApplied: guard(told.onApplied),
      onRestored: guard(told.onRestored),
      onRecovered: guard(told.onRecovered),
      onSnapshot: guard(told.onSnapshot),
      onConverged: guard(told.onConverged),
    };
  }
}

function founder(id: MemberId, witness: boolean): MemberInfo {
  return { id, peerAddress: `peer-${id}:70`, clientAddress: `client-${id}:80`, voter: true, witness, priority: 0 };
}
