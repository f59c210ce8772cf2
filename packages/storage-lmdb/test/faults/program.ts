/*
 * What runs in processes of their own, because it may die. Prints a line for everything that happened.
 *
 *   run <directory> <seed> <steps> [<room>]             the workload, closing the store and opening it again halfway; `room` as JSON
 *   save-snapshots <directory> <seed> <count>           snapshots, one after the other
 *   cut-power-run <trace> <seed> <scratch> <image,image…>   power cuts of the workload
 *   cut-power-save-snapshots <trace> …                  power cuts of snapshots
 */
import { readFileSync } from 'node:fs';
import { isStorageError } from '@flotilla/storage';
import type { LmdbStorage, LmdbStorageOptions } from '../../src/index.ts';
import { cutPower, whatIsWrong, wrongWithSnapshots } from './power-cut.ts';
import { openWorkload, runWorkload } from './run-workload.ts';
import { keepSnapshots } from './snapshot-workload.ts';

/** How a run of the workload ended that the disk did not let get to its end. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
  /** How what came after that failed, of the log and of the state; null for what succeeded. Empty where the store did not open. */
  readonly afterwards: Readonly<Record<string, string | null>>;
  readonly unhandled: readonly string[];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const codeOf = (error: unknown) => (isStorageError(error) ? error.code : String(error));

async function run(directory: string, seed: number, steps: number, room: LmdbStorageOptions['room'] = {}): Promise<void> {
  const unhandled: string[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  const told = { written: (step: number) => print(`written ${step}`), applied: (step: number) => print(`applied ${step}`) };
  for (const through of [Math.ceil(steps / 2), steps]) {
    let storage: LmdbStorage | null = null;
    try {
      storage = await openWorkload(directory, { flushDelayMs: 2, room });
      print(`room ${storage.roomWatch.room}`);
      storage.roomWatch.onChange((room) => print(`room ${room}`));
      await runWorkload(storage, seed, through, told);
      await storage.close();
    } catch (error) {
      const afterwards = storage ? await tryAgain(storage) : {};
      await storage?.close();
      await new Promise((resolve) => setImmediate(resolve));
      const message = isStorageError(error) ? `${error.message} ${error.hint}` : String(error);
      const failure: RunFailure = { code: codeOf(error), message, afterwards, unhandled };
      return print(`failed ${JSON.stringify(failure)}`);
    }
  }
  print('done');
}

/** A store that has failed must never try again: the kernel may take for written what is lost. */
async function tryAgain({ logStore, stateStore }: LmdbStorage): Promise<RunFailure['afterwards']> {
  const write = logStore.write([{ group: 9, hardState: { term: 1, vote: null }, base: null, truncateAfter: null, entries: [] }]);
  const recover = logStore.recover(1);
  const commit = stateStore.commit([{ group: 9, applied: 1, records: [] }]).then(() => stateStore.flush());
  const [codeOfWrite, codeOfRecover, codeOfCommit] = await Promise.all(
    [write, recover, commit].map((attempt: Promise<unknown>) => attempt.then(() => null, codeOf)),
  );
  return { write: codeOfWrite ?? null, recover: codeOfRecover ?? null, commit: codeOfCommit ?? null };
}

const [command, target = '', seed = '0', ...rest] = process.argv.slice(2);
if (command === 'run') await run(target, Number(seed), Number(rest[0]), rest[1] === undefined ? {} : JSON.parse(rest[1]));
if (command === 'save-snapshots') {
  await keepSnapshots(target, Number(seed), Number(rest[0]), {
    written: (number) => print(`written ${number}`),
    failed: (code, message) => print(`failed ${JSON.stringify({ code, message, afterwards: {}, unhandled: [] } satisfies RunFailure)}`),
  });
  print('done');
}
if (command === 'cut-power-run' || command === 'cut-power-save-snapshots') {
  const [scratch = '', images = ''] = rest;
  const check = command === 'cut-power-run' ? whatIsWrong : wrongWithSnapshots;
  const numbers = images.split(',').map(Number);
  for await (const cut of cutPower(readFileSync(target), Number(seed), numbers, scratch, check)) print(JSON.stringify(cut));
}
