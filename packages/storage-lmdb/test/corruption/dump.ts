import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';

/**
 * A digest of all that a reader of LMDB finds in a directory's files, and of what its small files say. Whatever it does not
 * notice has touched nothing that counts: unused room in a page, pages that are free, the older one of two meta pages. May
 * throw, and may end the process, where the files are damaged.
 */
export async function dump(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['log.mdb', 'state.mdb']) {
    const db = open<Uint8Array, Uint8Array>(join(directory, name), {
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      readOnly: true,
    });
    for (const { key, value } of db.getRange({})) hash.update(`${key.length} ${value.length} `).update(key).update(value);
    await db.close();
  }
  for (const name of ['identity.json', 'peers.json']) hash.update(JSON.stringify(JSON.parse(readFileSync(join(directory, name), 'utf8'))));
  return hash.digest('hex');
}
