import type { Entry, GroupId, Index, LogShape, Term } from '@flotilla/core';
import { type LogStore, type LogWrite, type PlannedWrite, planWrites, type RecoveredLog, type StorageError } from '@flotilla/storage';
import type { SimProcess } from '../process/sim-process.ts';
import { type DiskDevice, sectorBytes, sectorsOf, storageClosed, storageFailed } from './disk-device.ts';
import { type LogChange, type LogFile, type LogTransaction, logFile } from './log-file.ts';
import type { LogImage } from './log-image.ts';

/** A write that waits for its transaction. */
interface WaitingWrite {
  readonly changes: readonly LogChange[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/** What becomes of a transaction. */
type Outcome = 'done' | 'write failed' | 'first sync failed' | 'last sync failed';

/**
 * A {@link LogStore} on a simulated disk, as one process has it: what waits while a transaction is under way shares the next.
 *
 * What waits is bounded by its caller: the runtime has one write under way at a time.
 */
export class SimLogStore implements LogStore {
  readonly #process: SimProcess;
  readonly #device: DiskDevice;
  readonly #file: LogFile;
  readonly #highestTerm: Term;
  /** The logs as they are once everything that was asked for is done. */
  readonly #issued = new Map<GroupId, LogImage>();
  readonly #lastIssued = (group: GroupId): LogShape => this.#issuedImage(group).log;
  #waiting: WaitingWrite[] = [];
  #underWay: readonly WaitingWrite[] = [];
  #failure: StorageError | null = null;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  /** `highestTerm`: nothing was promised in a later one. */
  constructor(process: SimProcess, device: DiskDevice, file: LogFile, highestTerm: Term) {
    this.#process = process;
    this.#device = device;
    this.#file = file;
    this.#highestTerm = highestTerm;
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#assertUsable();
    const damage = this.#file.heal(group, this.#highestTerm);
    return { ...this.#file.recover(group), damage };
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#assertUsable();
    const planned = planWrites(writes, this.#lastIssued).filter(changesSomething);
    if (planned.length === 0) return;
    const changes = planned.map((each) => this.#issue(each));
    const bytes = bytesOf(planned);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ changes, bytes, resolve, reject });
      this.#takeRoom(bytes);
      if (this.#underWay.length === 0) this.#begin();
    });
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#assertUsable();
    return this.#file.read(group, from, to, bytesMax);
  }

  close(): Promise<void> {
    this.#closing ??= this.#idle();
    return this.#closing;
  }

  /** Its process has lost the disk: nothing that it asks for from now on happens. */
  detach(): void {
    this.#waiting = [];
    this.#underWay = [];
    this.#failure ??= storageFailed(logFile, 'the power is off');
  }

  #issue(planned: PlannedWrite): LogChange {
    const { group } = planned.write;
    const before = this.#issuedImage(group);
    const after = before.after(planned, this.#device.payloads);
    this.#issued.set(group, after);
    return { group, before, after };
  }

  #issuedImage(group: GroupId): LogImage {
    return this.#issued.get(group) ?? this.#file.seen(group);
  }

  #takeRoom(bytes: number): void {
    try {
      this.#device.takeRoom(logFile, bytes);
    } catch (error) {
      this.#fail(error as StorageError);
    }
  }

  #begin(): void {
    const writes = this.#waiting;
    const [first] = writes;
    // A process that died meanwhile has handed nothing of this over.
    if (first === undefined || !this.#process.alive) return;
    this.#waiting = [];
    this.#underWay = writes;
    const device = this.#device;
    const outcome = this.#drawOutcome();
    const writtenAt = device.now + device.writeMs();
    const visibleAt = writtenAt + device.syncMs() + device.writeMs();
    const doneAt = visibleAt + device.syncMs();
    const transaction: LogTransaction = {
      changes: writes.length === 1 ? first.changes : writes.flatMap(({ changes }) => changes),
      bytes: writes.length === 1 ? first.bytes : writes.reduce((sum, { bytes }) => sum + bytes, 0),
      visibleAt: outcome === 'write failed' || outcome === 'first sync failed' ? Number.POSITIVE_INFINITY : visibleAt,
      completes: outcome === 'done',
    };
    this.#file.begin(transaction);
    const endsAt = outcome === 'write failed' ? writtenAt : outcome === 'first sync failed' ? visibleAt : doneAt;
    device.complete(endsAt, () => this.#end(transaction, outcome));
  }

  #drawOutcome(): Outcome {
    const { profile, random } = this.#device;
    if (this.#device.happens('write-error', profile.writeErrorChance)) return 'write failed';
    if (!this.#device.happens('sync-error', profile.syncErrorChance)) return 'done';
    return random.chance(0.5) ? 'first sync failed' : 'last sync failed';
  }

  #end(transaction: LogTransaction, outcome: Outcome): void {
    // A power cut came first, or another process found what this one had left.
    if (!this.#file.isUnderWay(transaction)) return;
    if (!this.#process.alive && outcome === 'done') return this.#file.orphan();
    if (outcome === 'done') this.#file.complete(transaction);
    else if (outcome === 'last sync failed') this.#file.leaveOpen(transaction);
    else this.#file.abandon(transaction);
    this.#process.enter(() => {
      if (outcome === 'done') this.#settled();
      else this.#fail(storageFailed(logFile, `${outcome}: input/output error`));
    });
  }

  #settled(): void {
    const writes = this.#underWay;
    this.#underWay = [];
    for (const { resolve } of writes) resolve();
    if (this.#waiting.length > 0) this.#begin();
    else this.#onIdle?.();
  }

  /** For good: what could not be synced must not be tried again, for the second try would succeed without it. */
  #fail(error: StorageError): void {
    this.#failure ??= error;
    for (const { reject } of [...this.#underWay, ...this.#waiting]) reject(this.#failure);
    this.#underWay = this.#waiting = [];
    this.#onIdle?.();
  }

  async #idle(): Promise<void> {
    if (this.#underWay.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #assertUsable(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#closing !== null) throw storageClosed(logFile);
  }
}

function changesSomething({ write: { hardState, base, entries }, before, after }: PlannedWrite): boolean {
  return hardState !== null || base !== null || entries.length > 0 || after.lastIndex < before.lastIndex;
}

/** A transaction writes whole sectors, and one more that makes it count. */
function bytesOf(planned: readonly PlannedWrite[]): number {
  let sectors = 1 + planned.length;
  for (const { write } of planned) for (const { payload } of write.entries) sectors += sectorsOf(payload.length);
  return sectors * sectorBytes;
}
