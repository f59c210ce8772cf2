import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StorageError } from '@flotilla/storage';
import { unusable } from './identity.ts';
import { checkPages } from './pages/check-pages.ts';
import { PageFile } from './pages/page-file.ts';

/**
 * Makes sure that LMDB can map a file: that all pages which it would use are there, and are what they should be. Throws what
 * `damaged` makes of what is wrong, and `data_directory_unusable` where nobody can tell.
 */
export async function assertSound(file: string, damaged: (message: string, cause: unknown) => StorageError): Promise<void> {
  try {
    const pages = new PageFile(file);
    try {
      for (const _ of checkPages(pages)) await nextTurn();
    } catch (error) {
      // A member that runs on it has checked it before, and writes over pages that were free meanwhile.
      if (pages.meta.transaction === pages.newestMeta().transaction) throw error;
    } finally {
      pages.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (isOfTheSystem(error))
      throw unusable(`${file} cannot be read: ${why}`, 'Check its permissions, and the limits of the system.', error);
    throw damaged(`${file} is damaged, or was not written by Flotilla: ${why}`, error);
  }
}

/** No permission, no descriptor left: that says nothing of the file. What its disk does not give back is damaged. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && (error as NodeJS.ErrnoException).code !== 'EIO';
}
