import type { HardState, Persist, RaftStart } from '../../src/index.ts';
import { EntryLog } from './entry-log.ts';

/** A disk whose writes take effect, in their order, only when told. */
export class Disk {
  hardState: HardState = { term: 0, vote: null };
  log = new EntryLog();
  /** Asked for and not done, oldest first. */
  readonly queue: Persist[] = [];

  submit(write: Persist): void {
    this.queue.push(write);
  }

  completeOldest(): Persist | undefined {
    const write = this.queue.shift();
    if (write === undefined) return undefined;
    if (write.hardState !== null) this.hardState = write.hardState;
    if (write.truncateAfter !== null) this.log.truncateAfter(write.truncateAfter);
    this.log.append(write.entries);
    return write;
  }

  /** Loses what is not done, but for the oldest `kept` writes: those had reached the disk and nobody was told. */
  crash(kept: number): void {
    for (let i = 0; i < kept; i++) this.completeOldest();
    this.queue.length = 0;
  }

  recover(): NonNullable<RaftStart['recovered']> {
    return { hardState: this.hardState, log: this.log.shape(), lastTime: this.log.entries.at(-1)?.time ?? 0 };
  }
}
