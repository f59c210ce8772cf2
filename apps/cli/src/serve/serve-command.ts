import type { Command } from 'commander';
import { pino } from 'pino';
import { bundledApp } from '../apps.ts';
import { describeError, exitCodes } from '../exit-code.ts';
import { startMember } from './running-member.ts';
import { type Flags, readConfigFile, serveConfig } from './serve-config.ts';

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
      await serve(appName, file, flags);
    });
}

async function serve(appName: string, file: string | undefined, flags: Flags): Promise<void> {
  const app = bundledApp(appName);
  const path = file ?? process.env.FLOTILLA_CONFIG;
  const config = serveConfig(path ? readConfigFile(path) : null, flags, process.env);
  const destination = pino.destination({ dest: config.logFile ?? 1, mkdir: true, sync: true });
  const logger = pino({ level: config.logLevel, base: { member: config.member } }, destination);
  const member = await startMember(app, config, logger);

  const ended = new Promise<number>((resolve) => {
    member.host.onFailure((reason) => {
      process.stderr.write(`flotilla: member ${config.member} stopped itself: ${describeError(reason)}\n`);
      resolve(exitCodes.failure);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(exitCodes.ok));
    // Started by `flotilla dev`: a member must not outlive the command that watches over it.
    process.on('disconnect', () => resolve(exitCodes.ok));
  });
  process.send?.({ kind: 'ready' });
  process.exitCode = await ended;
  await member.stop();
  if (process.connected) process.disconnect();
}
