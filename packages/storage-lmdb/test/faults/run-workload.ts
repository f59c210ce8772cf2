import { type LmdbStorage, type LmdbStorageOptions, openLmdbStorage } from '../../src/index.ts';
import { Workload, workloadGroups, workloadIdentity, workloadRetention } from './workload.ts';

/** How many writes to the log are under way at a time. */
const writesUnderWay = 3;
/** The state is flushed after every so many steps. */
const stepsPerFlush = 4;

export function openWorkload(directory: string, options: Partial<LmdbStorageOptions> = {}): Promise<LmdbStorage> {
  return openLmdbStorage({
    directory,
    identity: workloadIdentity,
    retention: workloadRetention,
    mapSizeBytes: 2 ** 28,
    ...options,
  });
}

/**
 * Goes on with the workload of `seed` from where the store is, up to step `steps`. Calls `written` for each step that the log has
 * acknowledged, and `applied` for each whose state is on disk. Fails with the first error of the store.
 */
export async function runWorkload(
  { logStore, stateStore }: LmdbStorage,
  seed: number,
  steps: number,
  { written, applied }: { written(step: number): void; applied(step: number): void },
): Promise<void> {
  const recovered = await Promise.all(workloadGroups.map((group) => logStore.recover(group)));
  const workload = new Workload(seed, recovered[0]?.hardState.term ?? 0);
  let committed = 0;
  let flushed = 0;
  const commitThrough = async (step: number, flush: boolean) => {
    if (step > committed) await stateStore.commit(workload.commits(committed, step));
    committed = Math.max(committed, step);
    if (!flush || flushed >= committed) return;
    await stateStore.flush();
    flushed = committed;
    applied(flushed);
  };
  const underWay: Promise<number>[] = [];
  while (workload.step < steps) {
    if (underWay.length >= writesUnderWay) {
      const step = (await underWay.shift()) ?? 0;
      await commitThrough(step, step % stepsPerFlush === 0);
    }
    if (workload.appliedBefore > flushed) await commitThrough(workload.appliedBefore, true);
    const writes = workload.next();
    const { step } = workload;
    const write = logStore.write(writes).then(() => {
      written(step);
      return step;
    });
    // It may fail while an earlier one is waited for.
    write.catch(() => {});
    underWay.push(write);
  }
  await Promise.all(underWay);
  await commitThrough(steps, true);
}
