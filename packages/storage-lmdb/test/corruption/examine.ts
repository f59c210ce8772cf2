import { rmSync } from 'node:fs';
import { isStorageError, type RecoveredLog } from '@flotilla/storage';
import type { LmdbStorage } from '../../src/index.ts';
import { whatIsWrong } from '../faults/power-cut.ts';
import { openWorkload } from '../faults/run-workload.ts';
import { Workload, workloadGroups, workloadIdentity } from '../faults/workload.ts';
import { wrongInLog, wrongInState } from '../faults/wrong-content.ts';
import { type Corruption, replaceDirectory } from './corruptions.ts';
import { type KnownStores, knownPeer, knownSteps, olderSteps } from './known-store.ts';

/**
 * What becomes of a member that starts on a damaged directory. `harmless`: it has everything. `healed`: it knows that it may lack
 * something, says nothing wrong, and has everything again once a leader sent it. `refused`: it does not start, and says why.
 * `wrong`: it serves something that was never written, has forgotten a promise without knowing, or dies.
 */
export type Outcome = 'harmless' | 'healed' | 'refused' | 'wrong';

export interface Examined {
  readonly outcome: Outcome;
  readonly detail: string;
}

/** Starts on the directory as a member does, and once more where the state was found damaged: then it is gone. */
export async function examine(directory: string, known: KnownStores, corruption: Corruption, again = false): Promise<Examined> {
  try {
    return await start(directory, known, corruption.kind);
  } catch (error) {
    if (isStorageError(error, 'state_corrupted')) {
      return again ? { outcome: 'wrong', detail: `ends again and again: ${error.message}` } : examine(directory, known, corruption, true);
    }
    if (!isStorageError(error)) return { outcome: 'wrong', detail: `fails without a word of help: ${error}` };
    if (error.hint.length < 20) return { outcome: 'wrong', detail: `does not say what to do: ${error.code}` };
    return { outcome: 'refused', detail: `${error.code}: ${error.message}` };
  }
}

async function start(directory: string, known: KnownStores, kind: Corruption['kind']): Promise<Examined> {
  const { seed } = known;
  const isOlder = kind === 'directory older';
  const storage = await openWorkload(directory);
  let recovers = false;
  let lostState = false;
  try {
    const logs = await Promise.all(workloadGroups.map((group) => storage.logStore.recover(group)));
    const step = logs[0]?.hardState.term ?? 0;
    if (step < knownSteps && !isOlder) {
      return { outcome: 'wrong', detail: `has forgotten without knowing: term ${step}, it was ${knownSteps}` };
    }
    const workload = new Workload(seed, step);
    recovers = logs.some(({ hardState }) => hardState.recovering);
    // An older log may end with entries that nobody had committed, and that others took the place of since.
    const inLog = kind === 'older' && recovers ? new Workload(seed, olderSteps) : workload;
    for (const [i, group] of workloadGroups.entries()) {
      const wrong =
        wrongInLog(storage.logStore, inLog, group, logs[i] as RecoveredLog) ?? wrongInState(storage.stateStore, workload, group, 0);
      if (wrong !== null) return { outcome: 'wrong', detail: wrong };
      lostState ||= storage.stateStore.applied(group) < workload.appliedAt(group, step);
    }
    const stranger = storage.admit(knownPeer.id, knownPeer.incarnation);
    if (stranger !== null) return { outcome: 'wrong', detail: `refuses a peer that it knows: ${stranger}` };
    await catchUp(storage, workload, inLog, logs);
  } finally {
    await storage.close();
  }
  const wrong = await whatIsWrong(directory, seed, { written: isOlder ? 0 : knownSteps, applied: 0 });
  if (wrong !== null) return { outcome: 'wrong', detail: `after healing: ${wrong}` };
  if (isOlder) return refusedByPeers(known, directory, storage.incarnation);
  return recovers || lostState ? { outcome: 'healed', detail: recovers ? 'the log' : 'the state' } : { outcome: 'harmless', detail: '' };
}

/** What a leader sends a member that recovers: everything that it lacks, after which it votes again. */
async function catchUp(
  { logStore, stateStore }: LmdbStorage,
  workload: Workload,
  inLog: Workload,
  logs: readonly RecoveredLog[],
): Promise<void> {
  for (const [i, group] of workloadGroups.entries()) {
    const { hardState, log } = logs[i] as RecoveredLog;
    if (!hardState.recovering) continue;
    const { base, terms } = workload.group(group);
    const matching = inLog === workload ? log.lastIndex : inLog.group(group).committed;
    const entries = Array.from({ length: terms.length - 1 - matching }, (_, n) => workload.entry(group, matching + 1 + n));
    await logStore.write([{ group, hardState: null, base: null, truncateAfter: matching, entries }]);
    const vote = workload.step % 4 || null;
    const begins = (base?.index ?? 0) > log.snapshotIndex;
    await logStore.write([
      { group, hardState: { term: hardState.term, vote }, base: begins ? base : null, truncateAfter: null, entries: [] },
    ]);
  }
  await stateStore.commit(workload.commits(0, workload.step));
  await stateStore.flush();
}

/** An older copy of a whole directory is consistent in itself: only others can know, who have met the newer one. */
async function refusedByPeers({ other, incarnation }: KnownStores, directory: string, older: string): Promise<Examined> {
  const peer = `${directory}-peer`;
  replaceDirectory(peer, other);
  const { admit, close } = await openWorkload(peer, { identity: { ...workloadIdentity, memberId: 2 } });
  try {
    admit(workloadIdentity.memberId, incarnation);
    const reason = admit(workloadIdentity.memberId, older);
    return reason === null
      ? { outcome: 'wrong', detail: 'its peers let it in' }
      : { outcome: 'refused', detail: `by its peers: ${reason}` };
  } finally {
    await close();
    rmSync(peer, { recursive: true });
  }
}
