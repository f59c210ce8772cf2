import { dirname, resolve } from 'node:path';
import type { MemberInfo } from '@flotilla/core';
import { type Address, parseAddress } from '../address.ts';
import { parseEndpoints } from '../endpoints.ts';
import { parseMember } from '../member-number.ts';
import { usageError } from '../usage-error.ts';
import { type ConfigFile, type FileContent, fileSchema } from './config-file.ts';
import { foundingMembersText, parseFoundingMembers } from './founding-members.ts';

const clusterBytesMax = 200;

/** How many bytes of events a member keeps if its configuration does not say. */
const journalBytesMax = 2 ** 30;

/** The settings that can be said as a flag, in a file or in the environment. */
const settings = {
  cluster: { flag: '--cluster', env: 'FLOTILLA_CLUSTER' },
  member: { flag: '--member', env: 'FLOTILLA_MEMBER' },
  dataDirectory: { flag: '--data-dir', env: 'FLOTILLA_DATA_DIR' },
  members: { flag: '--members', env: 'FLOTILLA_MEMBERS' },
  join: { flag: '--join', env: 'FLOTILLA_JOIN' },
  role: { flag: '--learner or --witness', env: 'FLOTILLA_ROLE' },
  listen: { flag: '--listen', env: 'FLOTILLA_LISTEN' },
  advertise: { flag: '--advertise', env: 'FLOTILLA_ADVERTISE' },
  clientListen: { flag: '--client-listen', env: 'FLOTILLA_CLIENT_LISTEN' },
  clientAdvertise: { flag: '--client-advertise', env: 'FLOTILLA_CLIENT_ADVERTISE' },
  logFile: { flag: '--log-file', env: 'FLOTILLA_LOG_FILE' },
  logLevel: { flag: '--log-level', env: 'FLOTILLA_LOG_LEVEL' },
  determinism: { flag: '--determinism', env: 'FLOTILLA_DETERMINISM' },
} as const;

export type Setting = keyof typeof settings;
export type Flags = { readonly [K in Setting]?: string | undefined };

export type JoinRole = NonNullable<FileContent['role']>;

/** What a member's configuration says; null for what it leaves to the data directory, or to the cluster that it joins. */
export interface ServeConfig {
  readonly dataDirectory: string;
  readonly cluster: string | null;
  readonly member: number | null;
  /** Who founds the cluster. Counts for a new data directory only. */
  readonly members: readonly MemberInfo[] | null;
  /** Client addresses of a cluster to be joined. Counts for a new data directory only. */
  readonly join: readonly string[] | null;
  /** As what to join. */
  readonly role: JoinRole;
  readonly listen: Address | null;
  readonly clientListen: Address | null;
  /** Where others reach this member, where that is not where it listens. */
  readonly advertise: Address | null;
  readonly clientAdvertise: Address | null;
  readonly logFile: string | null;
  readonly logLevel: NonNullable<FileContent['logLevel']>;
  /** What becomes of handlers that read a clock or do I/O. By default they are stopped, but not where `NODE_ENV` is `production`. */
  readonly determinism: NonNullable<FileContent['determinism']>;
  /** How often the members compare their states, in milliseconds; null for the runtime's default. */
  readonly stateComparisonMs: number | null;
  readonly raft: NonNullable<FileContent['raft']>;
  readonly journal: NonNullable<FileContent['journal']>;
  /** Whether what log and journal no longer keep is moved to files. */
  readonly archive: boolean;
  readonly snapshot: NonNullable<FileContent['snapshot']>;
  readonly recorder: NonNullable<FileContent['recorder']>;
}

/**
 * Puts a member's configuration together. The file comes before flags, flags before the environment; a flag that
 * contradicts the file is refused instead of being ignored.
 */
export function serveConfig(file: ConfigFile | null, flags: Flags, env: NodeJS.ProcessEnv): ServeConfig {
  const said = (name: Setting): string | null => {
    const inFile = fileText(file?.content, name);
    const inFlag = flags[name];
    if (inFile !== undefined && inFlag !== undefined && inFile !== inFlag) {
      throw usageError(
        `${settings[name].flag} ${inFlag} contradicts "${name}: ${inFile}" in ${file?.path}`,
        'Say it in one place: remove the flag, or the line of the file.',
      );
    }
    return inFile ?? inFlag ?? (env[settings[name].env] || null);
  };
  const parsed = <Value>(name: Setting, parse: (text: string) => Value): Value | null => {
    const text = said(name);
    return text === null ? null : parse(text);
  };
  // Paths in a file are relative to the file, so that a directory of members can be moved as a whole.
  const path = (name: Setting) => {
    const base = file && fileText(file.content, name) !== undefined ? dirname(resolve(file.path)) : process.cwd();
    return parsed(name, (text) => resolve(base, text));
  };
  const dataDirectory = path('dataDirectory');
  if (dataDirectory === null) throw missing('dataDirectory');
  return {
    dataDirectory,
    cluster: parsed('cluster', parseCluster),
    member: parsed('member', parseMember),
    members: parsed('members', parseFoundingMembers),
    join: parsed('join', parseEndpoints),
    role: parsed('role', (text) => oneOf('role', fileSchema.shape.role, text)) ?? 'voter',
    listen: parsed('listen', parseAddress),
    clientListen: parsed('clientListen', parseAddress),
    advertise: parsed('advertise', parseAddress),
    clientAdvertise: parsed('clientAdvertise', parseAddress),
    logFile: path('logFile'),
    logLevel: parsed('logLevel', (text) => oneOf('log level', fileSchema.shape.logLevel, text)) ?? 'info',
    determinism:
      parsed('determinism', (text) => oneOf('determinism', fileSchema.shape.determinism, text)) ??
      (env.NODE_ENV === 'production' ? 'trusted' : 'enforced'),
    stateComparisonMs: file?.content.stateComparisonMs ?? null,
    raft: file?.content.raft ?? {},
    journal: file?.content.journal ?? { bytesMax: journalBytesMax },
    archive: file?.content.archive ?? false,
    snapshot: file?.content.snapshot ?? {},
    recorder: file?.content.recorder ?? {},
  };
}

/** The error for a setting that is needed after all. */
export function missing(name: Setting, why = ''): Error {
  const { flag, env } = settings[name];
  return usageError(
    `the setting ${name} is missing${why}`,
    `Give it as ${flag}, as ${env}, or as "${name}:" in a file named with --config.`,
  );
}

function fileText(content: FileContent | undefined, name: Setting): string | undefined {
  if (name === 'members') return content?.members && foundingMembersText(content.members);
  return content?.[name]?.toString();
}

/** The name of a cluster, as its members' configurations say it. Throws `usage`. */
export function parseCluster(text: string): string {
  if (text.length === 0) throw usageError('the name of the cluster is empty', 'Give it a name.');
  if (text.includes('#')) throw usageError(`"${text}" cannot name a cluster`, 'Leave the # out: recovered clusters are told apart by it.');
  if (Buffer.byteLength(text) <= clusterBytesMax) return text;
  throw usageError('the name of the cluster is too long', `Use at most ${clusterBytesMax} bytes.`);
}

interface WordSchema<Word extends string> {
  safeParse(text: string): { readonly success: boolean; readonly data?: Word | undefined };
  unwrap(): { readonly options: readonly string[] };
}

function oneOf<Word extends string>(what: string, schema: WordSchema<Word>, text: string): Word {
  const { data } = schema.safeParse(text);
  if (data !== undefined) return data;
  throw usageError(`"${text}" is not a ${what}`, `Use one of: ${schema.unwrap().options.join(', ')}.`);
}
