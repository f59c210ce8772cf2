import type { GroupId } from '@flotilla/core';
import type { KeyValue } from '@flotilla/state-machine';
import type { Database, Environment } from './environment.ts';
import { generationStart, storedKeyOf } from './space-keys.ts';
import { encodePair } from './space-record.ts';

/** A pair on its way to the file; null removes it. */
export interface SpaceWrite {
  readonly storedKey: Buffer;
  readonly record: Buffer | null;
}

/** A state that is installed is written in transactions of about so many bytes. */
const transactionBytes = 2 ** 20;

/** Within a commit of the environment. */
export function putPairs(db: Database, writes: readonly SpaceWrite[]): void {
  for (const { storedKey, record } of writes) {
    if (record === null) db.remove(storedKey);
    else db.put(storedKey, record);
  }
}

/** Writes pairs under a generation that nobody reads yet. Resolves when they are on disk. */
export async function writeGeneration(
  environment: Environment,
  group: GroupId,
  generation: number,
  pairs: AsyncIterable<readonly KeyValue[]>,
): Promise<void> {
  const start = generationStart(group, generation);
  let waiting: SpaceWrite[] = [];
  let bytes = 0;
  const write = async () => {
    const writes = waiting;
    waiting = [];
    environment.assertUsable();
    await environment.commit(bytes, () => putPairs(environment.db, writes));
    bytes = 0;
  };
  for await (const some of pairs) {
    for (const [key, value] of some) {
      const storedKey = storedKeyOf(start, key);
      waiting.push({ storedKey, record: encodePair(storedKey, value) });
      bytes += storedKey.length + value.length;
      if (bytes >= transactionBytes) await write();
    }
  }
  if (waiting.length > 0) await write();
}
