import { buffer } from 'node:stream/consumers';
import { connect } from '@flotilla/client';
import { FlotillaError } from '@flotilla/core';
import { jsonBytes } from '@flotilla/gateway-http';
import { type Entry, kv, listBytesMax, listLimitMax } from '@flotilla/kv';
import { type Command, Option } from 'commander';
import { endpointsOption, outputOption, parseEndpoints } from '../endpoints.ts';
import { formatTable, print, printJson, writeOut } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

/** The most characters of a value that a listing shows. */
const valueWidth = 60;

interface CommonOptions {
  readonly endpoints: string;
  readonly output: string;
  readonly timeoutMs: string;
}

interface WriteOptions extends CommonOptions {
  readonly ifRevision?: string;
}

interface ReadOptions extends CommonOptions {
  readonly consistency: 'linearizable' | 'stale';
}

type Client = ReturnType<typeof connectTo>;

/** `flotilla kv`: talks to a key-value cluster. */
export function addKvCommand(program: Command): void {
  const kvCommand = program.command('kv').description('read and write a key-value cluster');
  const ifRevision = () => new Option('--if-revision <revision>', 'only if the key is at this revision; 0: only if it is not there');
  const consistency = () =>
    new Option('--consistency <level>', 'how fresh the answer must be').choices(['linearizable', 'stale']).default('linearizable');

  common(kvCommand.command('put').description('store a value'))
    .argument('<key>')
    .argument('[value]', 'the value; read from standard input where it is absent')
    .addOption(ifRevision())
    .action((key: string, value: string | undefined, options: WriteOptions) =>
      withClient(options, (client) => put(client, key, value, options)),
    );
  common(kvCommand.command('get').description('print a value, byte for byte'))
    .argument('<key>')
    .addOption(consistency())
    .action((key: string, options: ReadOptions) => withClient(options, (client) => get(client, key, options)));
  common(kvCommand.command('delete').description('remove a key'))
    .argument('<key>')
    .addOption(ifRevision())
    .action((key: string, options: WriteOptions) => withClient(options, (client) => remove(client, key, options)));
  common(kvCommand.command('list').description('list keys in order'))
    .argument('[prefix]', 'only keys that begin with this', '')
    .option('--limit <number>', 'at most this many keys', '100')
    .addOption(consistency())
    .action((prefix: string, options: ReadOptions & { limit: string }) => withClient(options, (client) => list(client, prefix, options)));
}

function common(command: Command): Command {
  return command.addOption(endpointsOption()).addOption(outputOption()).option('--timeout-ms <ms>', 'how long to keep trying', '5000');
}

function connectTo({ endpoints, timeoutMs }: CommonOptions) {
  return connect(kv, parseEndpoints(endpoints), { timeoutMs: wholeNumber('--timeout-ms', timeoutMs) });
}

async function withClient(options: CommonOptions, use: (client: Client) => Promise<void>): Promise<void> {
  const client = connectTo(options);
  try {
    await use(client);
  } finally {
    await client.$close();
  }
}

async function put(client: Client, key: string, given: string | undefined, { ifRevision, output }: WriteOptions): Promise<void> {
  const value = given === undefined ? await buffer(process.stdin) : Buffer.from(given);
  const { revision, created } = await client.put({ key, value, ...expected(ifRevision) });
  if (output === 'json') await printJson({ key, revision, created });
  else await print(`${created ? 'created' : 'changed'} at revision ${revision}`);
}

async function get(client: Client, key: string, { consistency, output }: ReadOptions): Promise<void> {
  const entry = await client.get({ key }, { consistency });
  if (!entry) throw notFound(key);
  if (output === 'json') await printJson(entry);
  else await writeOut(entry.value);
}

async function remove(client: Client, key: string, { ifRevision, output }: WriteOptions): Promise<void> {
  const { revision, deleted } = await client.delete({ key, ...expected(ifRevision) });
  if (!deleted) throw notFound(key);
  if (output === 'json') await printJson({ key, revision, deleted });
  else await print(`deleted at revision ${revision}`);
}

async function list(client: Client, prefix: string, options: ReadOptions & { limit: string }): Promise<void> {
  const limit = wholeNumber('--limit', options.limit);
  const entries: Entry[] = [];
  for (let after: string | null | undefined; after !== null && entries.length < limit; ) {
    const page = { prefix, limit: Math.min(limit - entries.length, listLimitMax), bytesMax: listBytesMax };
    const found = await client.list(after === undefined ? page : { ...page, after }, { consistency: options.consistency });
    entries.push(...found.entries);
    after = found.next;
  }
  if (options.output === 'json') return printJson(entries);
  const rows = entries.map(({ key, revision, value }) => [key, String(revision), String(value.length), shortened(value)]);
  await print(formatTable(['KEY', 'REVISION', 'BYTES', 'VALUE'], rows));
}

function shortened(value: Uint8Array): string {
  const shown = jsonBytes(value.subarray(0, 4 * valueWidth));
  const text = typeof shown === 'string' ? JSON.stringify(shown).slice(1, -1) : `base64:${shown.base64}`;
  return text.length > valueWidth ? `${text.slice(0, valueWidth - 1)}…` : text;
}

function expected(revision: string | undefined): { readonly expectedRevision?: number } {
  return revision === undefined ? {} : { expectedRevision: wholeNumber('--if-revision', revision) };
}

function notFound(key: string): FlotillaError {
  return new FlotillaError('key_not_found', `there is no key "${key}"`, 'flotilla kv list shows the keys that there are.');
}
