import type { Command } from 'commander';
import { jsonOption, outputOption } from '../endpoints.ts';
import { megabytes } from '../progress.ts';

/** `flotilla compact`: smaller files for a member that is stopped. */
export function addCompactCommand(program: Command): void {
  program
    .command('compact')
    .description('give the room back to the file system that the files of a stopped member do not need')
    .argument('<data-dir>', 'the data directory of the member')
    .addOption(outputOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Members remove what snapshots stand for by themselves, and use the room again: the files stop growing, and do not shrink. This makes
them as small as they can be, for instance after much was deleted. flotilla snapshot asks members that run to store their state now.`,
    )
    .action(async (directory: string, { output }: { output: string }) => {
      const { compactDataDirectory } = await import('@flotilla/storage-lmdb');
      const onFile = (file: string, bytes: number) => void process.stderr.write(`copying ${file}, ${megabytes(bytes)}\n`);
      const files = await compactDataDirectory(directory, { onFile });
      const { formatTable, print } = await import('../output.ts');
      const rows = files.map(({ file, bytesBefore, bytesAfter }) => [file, megabytes(bytesBefore), megabytes(bytesAfter)]);
      await print(output === 'json' ? JSON.stringify(files) : formatTable(['FILE', 'BEFORE', 'AFTER'], rows));
    });
}
