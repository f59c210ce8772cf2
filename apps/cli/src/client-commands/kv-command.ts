import { type Command, Option } from 'commander';
import { clientCommand } from '../endpoints.ts';
import type { ListOptions, ReadOptions, WriteOptions } from './kv-calls.ts';

/** The calls bring the client and its libraries; `--help` should not wait for them. */
const calls = () => import('./kv-calls.ts');

/** `flotilla kv`: talks to a key-value cluster. */
export function addKvCommand(program: Command): void {
  const kvCommand = program.command('kv').description('read and write a key-value cluster');
  const ifRevision = () => new Option('--if-revision <revision>', 'only if the key is at this revision; 0: only if it is not there');
  const consistency = () =>
    new Option('--consistency <level>', 'how fresh the answer must be').choices(['linearizable', 'lease', 'stale']).default('linearizable');

  clientCommand(kvCommand.command('put').description('store a value'))
    .argument('<key>')
    .argument('[value]', 'the value; read from standard input where it is absent')
    .addOption(ifRevision())
    .action(async (key: string, value: string | undefined, options: WriteOptions) => (await calls()).put(key, value, options));
  clientCommand(kvCommand.command('get').description('print a value, byte for byte'))
    .argument('<key>')
    .addOption(consistency())
    .action(async (key: string, options: ReadOptions) => (await calls()).get(key, options));
  clientCommand(kvCommand.command('delete').description('remove a key'))
    .argument('<key>')
    .addOption(ifRevision())
    .action(async (key: string, options: WriteOptions) => (await calls()).remove(key, options));
  clientCommand(kvCommand.command('list').description('list keys in order'))
    .argument('[prefix]', 'only keys that begin with this', '')
    .option('--limit <number>', 'at most this many keys', '100')
    .addOption(consistency())
    .action(async (prefix: string, options: ListOptions) => (await calls()).list(prefix, options));
}
