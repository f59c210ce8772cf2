import type { Entry, HardState, Index, LogBase, Persist, RaftStart, SnapshotInfo } from '../../src/index.ts';
import { EntryLog } from './entry-log.ts';

/** A disk whose writes take effect, in their order, only when told. */
export class Disk {
  hardState: HardState = { term: 0, vote: null };
  log: EntryLog;
  /** The newest snapshot that was stored; snapshots are stored before anybody hears of them. */
  snapshot: SnapshotInfo | null = null;
  /** Asked for and not done, oldest first. */
  readonly queue: Persist[] = [];

  constructor(base: LogBase) {
    this.log = new EntryLog(base);
  }

  submit(write: Persist): void {
    this.queue.push(write);
  }

  completeOldest(): Persist | undefined {
    const write = this.queue.shift();
    if (write === undefined) return undefined;
    if (write.hardState !== null) this.hardState = write.hardState;
    if (write.base !== null) this.log.rebase(write.base);
    if (write.truncateAfter !== null) this.log.truncateAfter(write.truncateAfter);
    this.log.append(write.entries);
    return write;
  }

  /** Loses what is not done, but for the oldest `kept` writes: those had reached the disk and nobody was told. */
  crash(kept: number): void {
    for (let i = 0; i < kept; i++) this.completeOldest();
    this.queue.length = 0;
  }

  /**
   * Loses the entries behind `after`, and where `voteToo` the vote. A disk notices, and remembers the highest term elsewhere: what
   * it recovers says so.
   */
  lose(after: Index, voteToo: boolean): readonly Entry[] {
    const lost = this.log.range(after, this.log.lastIndex);
    this.log.truncateAfter(after);
    this.hardState = { term: this.hardState.term, vote: voteToo ? null : this.hardState.vote, recovering: true };
    return lost;
  }

  recover(): NonNullable<RaftStart['recovered']> {
    const { hardState, log, snapshot } = this;
    return { hardState, log: log.shape(), lastTime: log.entries.at(-1)?.time ?? log.base.time, snapshot };
  }
}
