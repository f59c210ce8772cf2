/*
 * What opens damaged directories, in processes of their own because it may end them. <known> is the file with the known stores.
 *
 *   corrupt <known> <scratch> <number,number…>   makes damaged directories, and dumps each
 *   verify <known> <scratch> <number,number…>    looks for what is wrong in them
 *   examine <known> <scratch> <number,number…>   starts on them
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyDataDirectory } from '../../src/index.ts';
import { Random } from '../faults/random.ts';
import type { BatchLine } from '../faults/run-batch.ts';
import { type Corruption, corrupt, replaceDirectory } from './corruptions.ts';
import { dump } from './dump.ts';
import { type Examined, examine } from './examine.ts';
import type { KnownStores } from './known-store.ts';

export interface Corrupted {
  readonly corruption: Corruption;
  /** See {@link dump}; what it failed with where it did. */
  readonly digest: string;
}

/** What {@link verifyDataDirectory} says is wrong. */
export type Verified = readonly string[];

function print<T>(line: BatchLine<T>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const random = ({ seed }: KnownStores, number: number) => new Random(seed, number);

/** Number 0 is not damaged at all. */
async function corrupted(known: KnownStores, directory: string, number: number): Promise<Corrupted> {
  replaceDirectory(directory, known.healthy);
  const corruption = number === 0 ? undamaged : corrupt(directory, known, random(known, number));
  writeFileSync(`${directory}.json`, JSON.stringify(corruption));
  return { corruption, digest: await dump(directory).catch((error) => `${error}`) };
}

async function verified(directory: string): Promise<Verified> {
  const { problems } = await verifyDataDirectory(directory);
  return problems.map(({ file, what }) => `${file}: ${what}`);
}

const undamaged: Corruption = { kind: 'bits', what: 'nothing' };

const [command, file = '', scratch = '', numbers = ''] = process.argv.slice(2);
const known = JSON.parse(readFileSync(file, 'utf8')) as KnownStores;
for (const number of numbers.split(',').map(Number)) {
  const directory = join(scratch, `${number}`);
  print({ begun: number });
  if (command === 'corrupt') {
    const result = await corrupted(known, directory, number);
    print<Corrupted>({ done: number, result });
    // LMDB that has met damage by itself may have done anything to this process: another one goes on.
    if (!/^[0-9a-f]{64}$/.test(result.digest)) process.exit();
  }
  if (command === 'verify') print<Verified>({ done: number, result: await verified(directory) });
  if (command === 'examine') {
    const corruption = JSON.parse(readFileSync(`${directory}.json`, 'utf8')) as Corruption;
    print<Examined>({ done: number, result: await examine(directory, known, corruption) });
  }
}
