import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isStorageError } from '@flotilla/storage';
import { type DiskRecord, readDiskTrace } from './disk-trace.ts';
import { Random } from './random.ts';
import { RecordedDisk } from './recorded-disk.ts';
import type { BatchLine } from './run-batch.ts';
import { openWorkload, runWorkload } from './run-workload.ts';
import { wrongSnapshots } from './snapshot-workload.ts';
import { Workload, workloadGroups } from './workload.ts';
import { wrongInLog, wrongInState } from './wrong-content.ts';

/** What became of one power cut. */
export interface PowerCut {
  /** Before which record of the trace it came. */
  readonly at: number;
  readonly acknowledged: Acknowledged;
  /** What was lost or wrong, or why it did not open; null where nothing was. */
  readonly problem: string | null;
}

/** How far a run of the workload came, as it said itself: the last steps that were on disk, of the log and of the state. */
interface Acknowledged {
  readonly written: number;
  readonly applied: number;
}

/**
 * Cuts the power at random moments of a trace, once for each of `images`, and opens what is left as a member does when it starts.
 * The same seed and number give the same image.
 */
export async function* cutPower(
  trace: Buffer,
  seed: number,
  images: readonly number[],
  scratch: string,
  check: typeof whatIsWrong,
): AsyncGenerator<BatchLine<PowerCut>, void, void> {
  const records = [...readDiskTrace(trace)];
  const cuts = images
    .map((image) => ({ image, random: new Random(seed, image) }))
    .map((cut) => ({ ...cut, at: cut.random.below(records.length + 1) }))
    .sort((a, b) => a.at - b.at || a.image - b.image);
  const disk = new RecordedDisk(join(scratch, 'data'));
  const said = new Said();
  let done = 0;
  for (const { image, random, at } of cuts) {
    for (; done < at; done++) {
      disk.apply(records[done] as DiskRecord);
      said.read(records[done] as DiskRecord);
    }
    const directory = join(scratch, `image-${image}`);
    disk.writeImage(directory, random);
    const acknowledged = { written: said.written, applied: said.applied };
    yield { begun: image };
    const problem = await check(directory, seed, acknowledged);
    yield { done: image, result: { at, acknowledged, problem } };
    if (problem === null) rmSync(directory, { recursive: true, force: true });
  }
}

/** Reads what a run said of itself. */
class Said {
  written = 0;
  applied = 0;
  #line = '';

  read(record: DiskRecord): void {
    if (record.kind !== 'print') return;
    const lines = (this.#line + record.text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const [what, step] = line.split(' ');
      if (what === 'written') this.written = Number(step);
      if (what === 'applied') this.applied = Number(step);
    }
  }
}

/** Opens the store, compares all that it holds with what was written, goes on with the workload, and compares again. */
export async function whatIsWrong(directory: string, seed: number, acknowledged: Acknowledged): Promise<string | null> {
  try {
    const step = await wrongAt(directory, seed, acknowledged, 2);
    if (typeof step === 'string') return step;
    const reopened = await wrongAt(directory, seed, { written: step, applied: step }, 0);
    return typeof reopened === 'string' ? `after going on: ${reopened}` : null;
  } catch (error) {
    return isStorageError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

/** As {@link whatIsWrong}, for a store of snapshots. */
export async function wrongWithSnapshots(directory: string, seed: number, { written }: Acknowledged): Promise<string | null> {
  return wrongSnapshots(directory, seed, written).catch((error) => `${error}`);
}

/** What is wrong, or the step that the store has come to after `more` steps. */
async function wrongAt(directory: string, seed: number, { written, applied }: Acknowledged, more: number): Promise<string | number> {
  const storage = await openWorkload(directory);
  try {
    const logs = await Promise.all(workloadGroups.map((group) => storage.logStore.recover(group)));
    const step = logs[0]?.hardState.term ?? 0;
    if (step < written) return `step ${written} was acknowledged, the log is at step ${step}`;
    const workload = new Workload(seed, step);
    for (const [i, group] of workloadGroups.entries()) {
      const log = logs[i];
      if (!log || log.hardState.recovering) return `group ${group}: takes an honest power cut for damage`;
      const wrong =
        wrongInLog(storage.logStore, workload, group, log) ??
        wrongInState(storage.stateStore, workload, group, Math.max(workload.appliedAt(group, applied), log.log.snapshotIndex));
      if (wrong !== null) return wrong;
    }
    await runWorkload(storage, seed, step + more, { written() {}, applied() {} });
    return step + more;
  } finally {
    await storage.close();
  }
}
