import type { Command } from 'commander';
import { outputOption } from '../endpoints.ts';
import type { RecoverOptions } from './recover.ts';

/** `flotilla recover`: for when a majority of the members is lost for good. */
export function addRecoverCommand(program: Command): void {
  program
    .command('recover')
    .description('look at the data of a member whose cluster lost its majority for good, and let it continue alone')
    .requiredOption('--data-dir <path>', 'the data directory of a member that is stopped')
    .option('--force-members <number>', 'make this member, whose data it is, the only one of its cluster')
    .option('--yes', 'do not ask')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Without --force-members it only prints what is there. With it, acknowledged writes that only the lost members had are
lost: first read "Lost quorum" in docs/operations.md, and choose the surviving member with the longest log.

Example:
  flotilla recover --data-dir ./m1
  flotilla recover --data-dir ./m1 --force-members 1`,
    )
    .action(async ({ dataDir, ...options }: RecoverOptions & { dataDir: string }) => {
      const { recover } = await import('./recover.ts');
      await recover(dataDir, options);
    });
}
