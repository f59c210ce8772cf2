import type { Term } from '@flotilla/core';
import { asBuffer, isSealed, seal } from './checksum.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Database, Environment } from './environment.ts';
import { generationKey, groupKey, rollbackKey } from './keys.ts';
import { LogReader } from './log-reader.ts';
import { decodeHardState, encodeRollback } from './log-record.ts';

const recordBytes = 10;

/**
 * Counts the opening of a directory: in the log first, then in `identity.json`, both durably. Resolves with the new generation.
 *
 * The log is never behind its `identity.json`, unless it is an older copy of itself. Then everything that it says of terms and votes,
 * and the end of every log, may be older than what the member promised: that is written down in the same commit, so that no crash makes
 * it forgotten, and each group heals when it is recovered.
 */
export async function enterGeneration(environment: Environment, directory: DataDirectory): Promise<number> {
  const { db } = environment;
  const { isNew, identity } = directory;
  const stored = storedGeneration(db);
  const isOlderCopy = !isNew && (stored < identity.generation || forgotTerm(environment, identity.highestTerm));
  const generation = Math.max(stored, identity.generation) + 1;
  const record = encodeGeneration(generation);
  const rollback = isOlderCopy ? encodeRollback({ generation, term: identity.highestTerm }) : null;
  await environment.commit(record.length, () => {
    db.put(generationKey, record);
    if (rollback) db.put(rollbackKey, rollback);
  });
  await directory.complete(generation);
  return generation;
}

/** How often the directory had been opened when the log was last written; −1 where that cannot be told. */
function storedGeneration(db: Database): number {
  const found = db.getBinary(generationKey);
  return (found && decodeGeneration(asBuffer(found))) ?? -1;
}

/** Whether no group has the highest term any more that was reached. */
function forgotTerm({ db, file }: Environment, highestTerm: Term): boolean {
  let highest = 0;
  for (const group of new LogReader(db, file).groups()) {
    const record = db.getBinary(groupKey(group));
    if (record === undefined) continue;
    const stored = decodeHardState(group, record);
    // It may be the one that had it, and heals by itself.
    if (!stored) return false;
    highest = Math.max(highest, stored.hardState.term);
  }
  return highest < highestTerm;
}

function encodeGeneration(generation: number): Buffer {
  const record = Buffer.alloc(recordBytes);
  record.writeUIntLE(generation, 4, 6);
  seal(record, 0, recordBytes, 0);
  return record;
}

export function decodeGeneration(record: Buffer): number | undefined {
  return record.length === recordBytes && isSealed(record, 0) ? record.readUIntLE(4, 6) : undefined;
}
