import type { GroupId, MemberId, SnapshotInfo } from '@flotilla/core';
import { MemorySnapshotStore } from '@flotilla/snapshot/memory';
import { type AppliedRequest, type CommittedRequest, ForwardingReplica, type ReplicatedMachine } from '@flotilla/state-machine';
import type { LogStore, LogWrite } from '@flotilla/storage';
import { type MemoryDisk, MemoryLogStore } from '@flotilla/storage/memory';
import type { SimProcess } from '../../src/process/sim-process.ts';
import type { DurableLog, Observer } from '../../src/watch/observer.ts';

type Told = Required<Observer>;

export const group: GroupId = 1;

/** What is on a memory disk, which is all durable. */
export function durableLog(disk: MemoryDisk): DurableLog {
  const stored = disk.log(group);
  const { hardState, base, log } = stored;
  return { hardState, base, log, entry: (index) => stored.entries[index - stored.log.snapshotIndex - 1] };
}

/** A log store whose writes take time, and are lost with the process, or not, as long as they are under way. */
export class SlowLogStore implements LogStore {
  readonly #store: MemoryLogStore;
  readonly #disk: MemoryDisk;
  readonly #process: SimProcess;
  readonly #delayMs: () => number;
  readonly #onDurable: (disk: DurableLog) => void;
  readonly #lies: boolean;
  readonly #underWay: (readonly LogWrite[])[] = [];

  /** `lies`: it says that a write is done as soon as it has begun. */
  constructor(disk: MemoryDisk, process: SimProcess, delayMs: () => number, onDurable: (disk: DurableLog) => void, lies: boolean) {
    this.#store = new MemoryLogStore(disk);
    this.#disk = disk;
    this.#process = process;
    this.#delayMs = delayMs;
    this.#onDurable = onDurable;
    this.#lies = lies;
  }

  recover(of: GroupId) {
    return this.#store.recover(of);
  }

  write(writes: readonly LogWrite[]): Promise<void> {
    this.#underWay.push(writes);
    return new Promise((resolve, reject) => {
      if (this.#lies) resolve();
      this.#process.after(this.#delayMs(), () => {
        this.#underWay.splice(this.#underWay.indexOf(writes), 1);
        this.#land(writes).then(resolve, reject);
      });
    });
  }

  /** The process has ended: the first `count` of the writes under way have got to the disk all the same. */
  landSome(count: number): void {
    for (const writes of this.#underWay.slice(0, count)) void this.#land(writes);
  }

  read(of: GroupId, from: number, to: number, bytesMax: number) {
    return this.#store.read(of, from, to, bytesMax);
  }

  close() {
    return this.#store.close();
  }

  #land(writes: readonly LogWrite[]): Promise<void> {
    const done = this.#store.write(writes);
    this.#onDurable(durableLog(this.#disk));
    return done;
  }
}

/** A machine that tells of what it applies, and of its state whenever the log passes a multiple of `digestEvery`. */
export class ToldMachine extends ForwardingReplica {
  readonly #member: MemberId;
  readonly #told: Told;
  readonly #digestEvery: number;
  #last = 0;

  constructor(machine: ReplicatedMachine, member: MemberId, told: Told, digestEvery = 50) {
    super(machine);
    this.#member = member;
    this.#told = told;
    this.#digestEvery = digestEvery;
  }

  override apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[] {
    return requests.flatMap((request) => {
      if (Math.floor(request.index / this.#digestEvery) > Math.floor(this.#last / this.#digestEvery)) this.snapshot();
      this.#last = request.index;
      const results = super.apply([request]);
      this.#told.onApplied(this.#member, { requests: [request], results });
      return results;
    });
  }

  override snapshot(): Uint8Array {
    const state = super.snapshot();
    this.#told.onSnapshot(this.#member, state);
    return state;
  }

  restoredTo(index: number): void {
    this.#last = index;
  }
}

/** Tells of what the machine is given. Outlives the processes; each of them says who is to be told. */
export class ToldSnapshots extends MemorySnapshotStore {
  onLoaded: (snapshot: SnapshotInfo, state: Uint8Array) => void = () => {};
  #known: SnapshotInfo | null = null;

  override async newest(of: GroupId): Promise<SnapshotInfo | null> {
    this.#known = await super.newest(of);
    return this.#known;
  }

  override async complete(of: GroupId, snapshot: SnapshotInfo): Promise<boolean> {
    this.#known = snapshot;
    return super.complete(of, snapshot);
  }

  override async *load(of: GroupId, id: string): AsyncGenerator<Uint8Array, void, void> {
    const parts: Uint8Array[] = [];
    for await (const part of super.load(of, id)) {
      parts.push(part);
      yield part;
    }
    if (this.#known?.id === id) this.onLoaded(this.#known, new Uint8Array(Buffer.concat(parts)));
  }
}
