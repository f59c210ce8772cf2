import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openWorkload, runWorkload } from '../faults/run-workload.ts';
import { workloadIdentity } from '../faults/workload.ts';
import { type Directories, replaceDirectory } from './corruptions.ts';

const stepsPerSession = 16;
/** How far the older copies are. */
export const olderSteps = stepsPerSession;
export const knownSteps = 3 * stepsPerSession;
export const knownPeer = { id: 3, incarnation: 'peer-three.1.0a1b2c3d' };

export interface KnownStores extends Directories {
  readonly seed: number;
  /** As the healthy store presented itself to its peers the last time. */
  readonly incarnation: string;
}

/** Stores of known content, as members leave them that stop: below `scratch`. */
export async function buildKnownStores(scratch: string, seed: number): Promise<KnownStores> {
  const [healthy = '', older = '', other = ''] = ['healthy', 'older', 'other'].map((name) => join(scratch, name));
  const member = join(scratch, 'member');
  let incarnation = '';
  for (const steps of [stepsPerSession, 2 * stepsPerSession, knownSteps]) {
    incarnation = await runSession(member, seed, steps, workloadIdentity.memberId);
    if (steps === olderSteps) replaceDirectory(older, member);
  }
  replaceDirectory(healthy, member);
  await runSession(other, seed, knownSteps, 2);
  return { healthy, older, other, seed, incarnation };
}

async function runSession(directory: string, seed: number, steps: number, memberId: number): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const storage = await openWorkload(directory, { identity: { ...workloadIdentity, memberId } });
  try {
    const refused = storage.admit(knownPeer.id, knownPeer.incarnation);
    if (refused !== null) throw new Error(refused);
    await runWorkload(storage, seed, steps, { written() {}, applied() {} });
    return storage.incarnation;
  } finally {
    await storage.close();
  }
}
