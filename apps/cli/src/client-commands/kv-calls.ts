import { buffer } from 'node:stream/consumers';
import { connect } from '@flotilla/client';
import { FlotillaError } from '@flotilla/core';
import { jsonBytes } from '@flotilla/gateway-http';
import { type Entry, kv, listBytesMax, listLimitMax, type Page } from '@flotilla/kv';
import { parseEndpoints } from '../endpoints.ts';
import { printJson } from '../json-output.ts';
import { formatTable, print, writeOut } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

/** The most characters of a value that a listing shows. */
const valueWidth = 60;

interface CommonOptions {
  readonly endpoints: string;
  readonly output: string;
  readonly timeoutMs: string;
}

export interface WriteOptions extends CommonOptions {
  readonly ifRevision?: string;
}

export interface ReadOptions extends CommonOptions {
  readonly consistency: 'linearizable' | 'lease' | 'stale';
}

export interface ListOptions extends ReadOptions {
  readonly limit: string;
}

export function put(key: string, given: string | undefined, options: WriteOptions): Promise<void> {
  return withClient(options, async (client) => {
    const value = given === undefined ? await buffer(process.stdin) : Buffer.from(given);
    const { revision, created } = await client.put({ key, value, ...expected(options) });
    if (options.output === 'json') await printJson({ key, revision, created });
    else await print(`${created ? 'created' : 'changed'} at revision ${revision}`);
  });
}

export function get(key: string, { consistency, ...options }: ReadOptions): Promise<void> {
  return withClient(options, async (client) => {
    const entry = await client.get({ key }, { consistency });
    if (!entry) throw notFound(key);
    if (options.output === 'json') await printJson(entry);
    else await writeOut(entry.value);
  });
}

export function remove(key: string, options: WriteOptions): Promise<void> {
  return withClient(options, async (client) => {
    const { revision, deleted } = await client.delete({ key, ...expected(options) });
    if (!deleted) throw notFound(key);
    if (options.output === 'json') await printJson({ key, revision, deleted });
    else await print(`deleted at revision ${revision}`);
  });
}

export function list(prefix: string, { consistency, limit, ...options }: ListOptions): Promise<void> {
  return withClient(options, async (client) => {
    const entries = await firstEntries(client, prefix, wholeNumber('--limit', limit, 1), consistency);
    if (options.output === 'json') return printJson(entries);
    const rows = entries.map(({ key, revision, value }) => [printable(key), String(revision), String(value.length), shortened(value)]);
    await print(formatTable(['KEY', 'REVISION', 'BYTES', 'VALUE'], rows));
  });
}

/** Up to `limit` entries, page by page. */
async function firstEntries(
  client: Client,
  prefix: string,
  limit: number,
  consistency: ReadOptions['consistency'],
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let after: string | null = null;
  do {
    const page = { prefix, limit: Math.min(limit - entries.length, listLimitMax), bytesMax: listBytesMax };
    const found: Page = await client.list(after === null ? page : { ...page, after }, { consistency });
    entries.push(...found.entries);
    after = found.next;
  } while (after !== null && entries.length < limit);
  return entries;
}

type Client = ReturnType<typeof connectTo>;

function connectTo({ endpoints, timeoutMs }: CommonOptions) {
  return connect(kv, parseEndpoints(endpoints), { timeoutMs: wholeNumber('--timeout-ms', timeoutMs, 1) });
}

async function withClient(options: CommonOptions, use: (client: Client) => Promise<void>): Promise<void> {
  const client = connectTo(options);
  try {
    await use(client);
  } finally {
    client.$close();
  }
}

function shortened(value: Uint8Array): string {
  const shown = jsonBytes(value.subarray(0, 4 * valueWidth));
  const text = typeof shown === 'string' ? printable(shown) : `base64:${shown.base64}`;
  return text.length > valueWidth ? `${text.slice(0, valueWidth - 1)}…` : text;
}

/** Control characters escaped: what is stored must not steer the terminal. */
function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function expected({ ifRevision }: WriteOptions): { readonly expectedRevision?: number } {
  return ifRevision === undefined ? {} : { expectedRevision: wholeNumber('--if-revision', ifRevision) };
}

function notFound(key: string): FlotillaError {
  return new FlotillaError('key_not_found', `there is no key "${key}"`, 'flotilla kv list shows the keys that there are.');
}
