import { setImmediate as nextTurn } from 'node:timers/promises';
import { unusable } from './identity.ts';
import { checkPages } from './pages/check-pages.ts';
import { PageFile } from './pages/page-file.ts';

/**
 * Makes sure that LMDB can map a file: that all pages which it would use are there, and are what they should be. Throws
 * `data_directory_unusable`, with this hint.
 */
export async function assertSound(file: string, hint: string): Promise<void> {
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
    throw unusable(
      `${file} is damaged, or was not written by Flotilla: ${error instanceof Error ? error.message : String(error)}`,
      hint,
      error,
    );
  }
}
