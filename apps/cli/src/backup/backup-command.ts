import type { Command } from 'commander';
import { clientCommand, outputOption } from '../endpoints.ts';
import type { BackupOptions } from './backup.ts';
import type { RestoreOptions } from './restore.ts';

/** `flotilla backup` and `flotilla restore`: the state of a cluster as a file, and a new cluster from it. */
export function addBackupCommands(program: Command): void {
  clientCommand(program.command('backup').description('store the state of a running cluster in a file'))
    .argument('<file>', 'does not exist yet')
    .addHelpText(
      'after',
      `
The backup has every write that was acknowledged before the command began. It is read back and verified before it gets its
name. The member that makes it goes on serving.`,
    )
    .action(async (file: string, options: BackupOptions) => (await import('./backup.ts')).backup(file, options));

  program
    .command('restore')
    .description('make the data directory of a member of a new cluster from a backup')
    .argument('<file>', 'a backup')
    .requiredOption('--data-dir <path>', 'does not exist yet, or is empty')
    .requiredOption('--cluster <name>', 'the name of the new cluster')
    .requiredOption('--member <number>', 'which of its members the directory is for')
    .requiredOption('--members <list>', 'all members of the new cluster: number=peer/client,…')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Run it once for each member of the new cluster, with the same backup and the same --members. Then start them all:

  flotilla restore monday.backup --data-dir ./n1 --cluster blue --member 1 --members 1=127.0.0.1:7100/127.0.0.1:7101
  flotilla serve kv --data-dir ./n1`,
    )
    .action(async (file: string, options: RestoreOptions) => (await import('./restore.ts')).restore(file, options));
}
