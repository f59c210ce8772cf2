#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addBackupCommands } from './backup/backup-command.ts';
import { addCallCommand } from './call/call-command.ts';
import { addCheckCommand } from './check/check-command.ts';
import { addKvCommand } from './client-commands/kv-command.ts';
import { addMembersCommand } from './client-commands/members-command.ts';
import { addSnapshotCommand } from './client-commands/snapshot-command.ts';
import { addStatusCommand } from './client-commands/status-command.ts';
import { addCompactCommand } from './compact/compact-command.ts';
import { addDevCommand } from './dev/dev-command.ts';
import { describeError, exitCodeHelp, exitCodeOf, exitCodes } from './exit-code.ts';
import { addLogCommand } from './log/log-command.ts';
import { addRecoverCommand } from './recover/recover-command.ts';
import { addReplayCommand } from './replay/replay-command.ts';
import { addServeCommand } from './serve/serve-command.ts';
import { addSimulateCommand } from './simulate/simulate-command.ts';
import { addVerifyCommand } from './verify/verify-command.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };

const program = new Command('flotilla')
  .description('Replicated services from an event-sourced Raft: run members, talk to them, read their logs.')
  .version(version)
  .showHelpAfterError('(--help lists what there is)')
  .addHelpText('after', exitCodeHelp)
  .configureHelp({ showGlobalOptions: true })
  // A field of a machine may be called version.
  .enablePositionalOptions()
  .exitOverride();

addDevCommand(program);
addServeCommand(program);
addStatusCommand(program);
addMembersCommand(program);
addSnapshotCommand(program);
addCallCommand(program);
addKvCommand(program);
addLogCommand(program);
addReplayCommand(program);
addBackupCommands(program);
addVerifyCommand(program);
addCompactCommand(program);
addRecoverCommand(program);
addCheckCommand(program);
addSimulateCommand(program);

// `flotilla log … | head` ends when its reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failure));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are no failures; commander has printed everything else already.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    process.stderr.write(`flotilla: ${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
  process.exit();
}
