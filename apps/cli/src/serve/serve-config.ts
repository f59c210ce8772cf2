import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type Address, parseAddress } from '../address.ts';
import { usageError } from '../usage-error.ts';

const memberId = z.int().min(1).max(0xffffffff);
const milliseconds = z.int().min(1);
const clusterBytesMax = 200;

/** What a configuration file may say. Flags and environment variables say the same with other spellings. */
const fileSchema = z.strictObject({
  cluster: z.string().min(1).optional(),
  member: memberId.optional(),
  dataDirectory: z.string().min(1).optional(),
  peers: z.record(z.string().regex(/^[1-9]\d{0,9}$/, 'a member number'), z.string()).optional(),
  listen: z.string().optional(),
  clientListen: z.string().optional(),
  logFile: z.string().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(),
  raft: z.strictObject({ electionTimeoutMs: z.exactOptional(milliseconds), heartbeatIntervalMs: z.exactOptional(milliseconds) }).optional(),
  journal: z
    .strictObject({
      recordsMax: z.exactOptional(z.int().min(1)),
      bytesMax: z.exactOptional(z.int().min(1)),
      ageMsMax: z.exactOptional(milliseconds),
    })
    .optional(),
});

export type ConfigFile = z.output<typeof fileSchema>;

/** How many bytes of events a member keeps if its configuration does not say. */
const journalBytesMax = 2 ** 30;

/** The settings that can be said as a flag, in a file or in the environment. */
const settings = {
  cluster: { flag: '--cluster', env: 'FLOTILLA_CLUSTER' },
  member: { flag: '--member', env: 'FLOTILLA_MEMBER' },
  dataDirectory: { flag: '--data-dir', env: 'FLOTILLA_DATA_DIR' },
  peers: { flag: '--peers', env: 'FLOTILLA_PEERS' },
  listen: { flag: '--listen', env: 'FLOTILLA_LISTEN' },
  clientListen: { flag: '--client-listen', env: 'FLOTILLA_CLIENT_LISTEN' },
  logFile: { flag: '--log-file', env: 'FLOTILLA_LOG_FILE' },
  logLevel: { flag: '--log-level', env: 'FLOTILLA_LOG_LEVEL' },
} as const;

type Setting = keyof typeof settings;
export type Flags = { readonly [K in Setting]?: string | undefined };

/** A member's complete configuration. */
export interface ServeConfig {
  readonly cluster: string;
  readonly member: number;
  readonly dataDirectory: string;
  readonly peers: ReadonlyMap<number, Address>;
  readonly listen: Address;
  readonly clientListen: Address;
  readonly logFile: string | null;
  readonly logLevel: NonNullable<ConfigFile['logLevel']>;
  readonly raft: NonNullable<ConfigFile['raft']>;
  readonly journal: NonNullable<ConfigFile['journal']>;
}

/**
 * Puts a member's configuration together. The file comes before flags, flags before the environment; a flag that
 * contradicts the file is refused instead of being ignored.
 */
export function serveConfig(
  file: { readonly path: string; readonly content: ConfigFile } | null,
  flags: Flags,
  env: NodeJS.ProcessEnv,
): ServeConfig {
  const said = (name: Setting): string | undefined => {
    const inFile = fileText(file?.content, name);
    const inFlag = flags[name];
    if (inFile !== undefined && inFlag !== undefined && inFile !== inFlag) {
      throw usageError(
        `${settings[name].flag} ${inFlag} contradicts "${name}: ${inFile}" in ${file?.path}`,
        'Say it in one place: remove the flag, or the line of the file.',
      );
    }
    return inFile ?? inFlag ?? (env[settings[name].env] || undefined);
  };
  const needed = (name: Setting): string => {
    const value = said(name);
    if (value !== undefined && value !== '') return value;
    const { flag, env: variable } = settings[name];
    throw usageError(
      `the setting ${name} is missing`,
      `Give it as ${flag}, as ${variable}, or as "${name}:" in a file named with --config.`,
    );
  };
  // Paths in a file are relative to the file, so that a directory of members can be moved as a whole.
  const base = (name: Setting) => (file && fileText(file.content, name) !== undefined ? dirname(resolve(file.path)) : process.cwd());
  const member = parseMember(needed('member'));
  const peers = parsePeers(needed('peers'));
  const listen = said('listen') ?? null;
  const own = peers.get(member);
  if (!own)
    throw usageError(
      `member ${member} is not among the peers ${[...peers.keys()].join(', ')}`,
      'List every member of the cluster, this one included.',
    );
  const logFile = said('logFile');
  return {
    cluster: parseCluster(needed('cluster')),
    member,
    dataDirectory: resolve(base('dataDirectory'), needed('dataDirectory')),
    peers,
    listen: listen === null ? own : parseAddress(listen),
    clientListen: parseAddress(needed('clientListen')),
    logFile: logFile === undefined ? null : resolve(base('logFile'), logFile),
    logLevel: parseLogLevel(said('logLevel') ?? 'info'),
    raft: file?.content.raft ?? {},
    journal: file?.content.journal ?? { bytesMax: journalBytesMax },
  };
}

function fileText(content: ConfigFile | undefined, name: Setting): string | undefined {
  const value = content?.[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([member, address]) => `${member}=${address}`)
    .join(',');
}

function parseMember(text: string): number {
  const parsed = memberId.safeParse(Number(text));
  if (!/^\d+$/.test(text) || !parsed.success)
    throw usageError(`"${text}" is not a member number`, 'Use a whole number from 1 to 4294967295.');
  return parsed.data;
}

/** Reads `1=127.0.0.1:7000,2=127.0.0.1:8000`. */
function parsePeers(text: string): ReadonlyMap<number, Address> {
  const peers = new Map<number, Address>();
  for (const part of text.split(',')) {
    const [member = '', address, rest] = part.split('=');
    if (address === undefined || rest !== undefined)
      throw usageError(`"${part}" does not name a peer`, 'Write member=host:port, separated by commas.');
    const id = parseMember(member.trim());
    if (peers.has(id)) throw usageError(`member ${id} occurs twice among the peers`, 'Give every member a number of its own.');
    peers.set(id, parseAddress(address));
  }
  return peers;
}

function parseCluster(text: string): string {
  if (Buffer.byteLength(text) <= clusterBytesMax) return text;
  throw usageError('the name of the cluster is too long', `Use at most ${clusterBytesMax} bytes.`);
}

function parseLogLevel(text: string): ServeConfig['logLevel'] {
  const parsed = fileSchema.shape.logLevel.safeParse(text);
  if (parsed.success && parsed.data) return parsed.data;
  throw usageError(`"${text}" is not a log level`, 'Use debug, info, warn, error or silent.');
}

/** Reads a configuration file. Errors name the file, the line and what was expected there. */
export function readConfigFile(path: string): { readonly path: string; readonly content: ConfigFile } {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) throw usageError(`${path}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0]}`, 'Correct the YAML.');
  const parsed = fileSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return { path, content: parsed.data };
  const issue = parsed.error.issues[0];
  const where = [...(issue?.path ?? [])];
  let node: unknown = document.getIn(where, true);
  while (!hasRange(node) && where.pop() !== undefined) node = document.getIn(where, true);
  const line = hasRange(node) ? lines.linePos(node.range[0]).line : 1;
  throw usageError(
    `${path}:${line}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`,
    `Known settings: ${Object.keys(fileSchema.shape).join(', ')}.`,
  );
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`the configuration file ${path} cannot be read`, error instanceof Error ? error.message : String(error));
  }
}
