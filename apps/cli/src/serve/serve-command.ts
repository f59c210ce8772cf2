import type { Command } from 'commander';
import type { Flags } from './serve-config.ts';

/** `flotilla serve`: one member, in the foreground, until a signal ends it. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run one member of a cluster in the foreground')
    .argument('<app>', 'the app to serve: kv')
    .option('--config <file>', 'YAML file with the settings')
    .option('--cluster <id>', 'name of the cluster; members of other clusters are refused')
    .option('--member <number>', 'number of this member')
    .option('--data-dir <path>', 'where this member keeps its log and state')
    .option('--peers <list>', 'all members and where they listen for each other: 1=host:port,2=host:port,…')
    .option('--listen <address>', 'where to listen for the other members, if not as in --peers')
    .option('--client-listen <address>', 'where to listen for clients (HTTP)')
    .option('--log-file <path>', 'append log lines to this file instead of standard output')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .addHelpText(
      'after',
      `
Every setting can also stand in the file (as dataDirectory, clientListen, …) or in the environment (FLOTILLA_DATA_DIR, …).
The file comes first, then flags, then the environment; a flag that contradicts the file is an error.

Example:
  flotilla serve kv --cluster demo --member 1 --data-dir ./m1 \\
    --peers 1=127.0.0.1:7000,2=127.0.0.1:8000,3=127.0.0.1:9000 --client-listen 127.0.0.1:7001`,
    )
    .action(async (appName: string, options: Record<string, string | undefined>) => {
      const { config: file, dataDir, ...rest } = options;
      const flags: Flags = { ...rest, dataDirectory: dataDir };
      // Loaded when it is needed: `--help` should not wait for a server's libraries.
      const { serve } = await import('./serve.ts');
      await serve(appName, file, flags);
    });
}
