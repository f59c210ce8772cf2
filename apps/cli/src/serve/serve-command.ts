import type { Command } from 'commander';
import { usageError } from '../usage-error.ts';
import type { Flags } from './serve-config.ts';

type ServeOptions = Omit<Flags, 'role' | 'dataDirectory'> & {
  readonly config?: string;
  readonly dataDir?: string;
  readonly learner?: boolean;
  readonly witness?: boolean;
};

/** `flotilla serve`: one member, in the foreground, until a signal ends it. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run one member of a cluster in the foreground')
    .argument('<app>', 'what to serve: kv, or a module that exports a machine, such as ./counter.ts')
    .option('--config <file>', 'YAML file with the settings')
    .option('--cluster <id>', 'name of the cluster; members of other clusters are refused')
    .option('--member <number>', 'number of this member; with --join, the number that it wants')
    .option('--data-dir <path>', 'where this member keeps its log and state')
    .option('--members <list>', 'who founds a new cluster, and where they listen for each other and for clients: 1=peer/client,2=…')
    .option('--join <list>', 'join the cluster that has members at these client addresses')
    .option('--learner', 'with --join: follow, without a vote')
    .option('--witness', 'with --join: vote, without keeping any data')
    .option('--listen <address>', 'where to listen for the other members, if not as in --members')
    .option('--advertise <address>', 'where the other members reach this one, if not where it listens')
    .option('--client-listen <address>', 'where to listen for clients (HTTP), if not as in --members')
    .option('--client-advertise <address>', 'where clients reach this member, if not where it listens')
    .option('--log-file <path>', 'append log lines to this file instead of standard output')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .option('--determinism <how>', 'enforced: handlers that read a clock or do I/O are stopped; trusted: nobody looks')
    .addHelpText(
      'after',
      `
Every setting can also stand in the file (as dataDirectory, clientListen, …) or in the environment (FLOTILLA_DATA_DIR, …).
The file comes first, then flags, then the environment; a flag that contradicts the file is an error.

Determinism is enforced unless NODE_ENV is production.

--members and --join count for a new data directory only. One that holds a member's data says who it is.

Found a cluster, with one such command for each member:
  flotilla serve kv --cluster demo --member 1 --data-dir ./m1 \\
    --members 1=127.0.0.1:7000/127.0.0.1:7001,2=127.0.0.1:8000/127.0.0.1:8001,3=127.0.0.1:9000/127.0.0.1:9001
Join it:
  flotilla serve kv --data-dir ./m4 --join 127.0.0.1:7001 --listen 127.0.0.1:7100 --client-listen 127.0.0.1:7101
Start a member again:
  flotilla serve kv --data-dir ./m4`,
    )
    .action(async (appName: string, options: ServeOptions) => {
      const { config: file, dataDir, learner, witness, ...rest } = options;
      if (learner && witness) throw usageError('a member is not both learner and witness', 'Give --learner or --witness.');
      const role = learner ? 'learner' : witness ? 'witness' : undefined;
      const flags: Flags = { ...rest, dataDirectory: dataDir, role };
      // Loaded when it is needed: `--help` should not wait for a server's libraries.
      const { serve } = await import('./serve.ts');
      await serve(appName, file, flags);
    });
}
