import { runSeed } from './run-seed.ts';
import type { SeedMessage } from './seed-result.ts';
import type { SeedSettings } from './simulate-options.ts';
import { findSubject } from './subjects.ts';

/** What a process of seeds is told: the next one. */
export interface SeedOrder {
  readonly seed: number;
}

/** Runs the seeds that the process which started this one asks for, until that is gone. */
export async function workOnSeeds(settings: SeedSettings): Promise<void> {
  process.once('disconnect', () => process.exit());
  const subject = await findSubject(settings.machine);
  process.on('message', ({ seed }: SeedOrder) => {
    runSeed(seed, subject, settings, () => tell({ kind: 'alive' })).then(
      (result) => tell({ kind: 'done', result }),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  tell({ kind: 'alive' });
}

function tell(message: SeedMessage): void {
  process.send?.(message);
}
