import { type Command, Option } from 'commander';
import type { DevOptions } from './dev.ts';

/** `flotilla dev`: a whole cluster on this machine, with a live table, until Ctrl-C. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('run a cluster of three processes on this machine and watch it')
    .argument('[app]', 'what to serve: kv, or a module that exports a machine, such as ./counter.ts', 'kv')
    .addOption(
      new Option('--peer-ports <list>', 'where the members listen for each other').env('FLOTILLA_PEER_PORTS').default('7000,8000,9000'),
    )
    .addOption(
      new Option('--client-ports <list>', 'where the members listen for clients').env('FLOTILLA_CLIENT_PORTS').default('7001,8001,9001'),
    )
    .option('--directory <path>', 'where data, logs and configuration files go', '.flotilla')
    .action(async (app: string, options: DevOptions) => {
      const { dev } = await import('./dev.ts');
      await dev(app, options);
    });
}
