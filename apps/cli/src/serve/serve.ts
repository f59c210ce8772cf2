import { pino } from 'pino';
import { findApp } from '../apps.ts';
import { describeError, exitCodes } from '../exit-code.ts';
import { readConfigFile } from './config-file.ts';
import { memberStart } from './member-start.ts';
import { startMember } from './running-member.ts';
import { type Flags, serveConfig } from './serve-config.ts';

/** Runs one member until a signal ends it, the command that started it ends, or it fails. */
export async function serve(appName: string, file: string | undefined, flags: Flags): Promise<void> {
  const app = await findApp(appName);
  const path = file ?? process.env.FLOTILLA_CONFIG;
  const config = serveConfig(path ? readConfigFile(path) : null, flags, process.env);
  const destination = pino.destination({ dest: config.logFile ?? 1, mkdir: true, sync: true });
  const rootLogger = pino({ level: config.logLevel, base: null }, destination);
  const start = await memberStart(app.name, config, rootLogger);
  const logger = rootLogger.child({ member: start.member });
  const member = await startMember(app, config, start, logger);

  const ended = new Promise<number>((resolve) => {
    member.host.onFailure((reason) => {
      process.stderr.write(`flotilla: member ${start.member} stopped itself: ${describeError(reason)}\n`);
      resolve(exitCodes.failure);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(exitCodes.ok));
    // Started by `flotilla dev`: a member must not outlive the command that watches over it.
    process.on('disconnect', () => resolve(exitCodes.ok));
  });
  process.on('SIGUSR2', () => {
    member.host.dumpRecordings().then(
      (recordings) => logger.info({ recordings, directory: config.dataDirectory }, 'recorded'),
      (error: unknown) => logger.error({ err: error }, 'could not write what this member remembers of itself'),
    );
  });
  process.send?.({ kind: 'ready' });
  process.exitCode = await ended;
  await member.stop();
  if (process.connected) process.disconnect();
}
