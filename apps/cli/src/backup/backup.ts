import { FlotillaError, type SnapshotInfo } from '@flotilla/core';
import { type BackupManifest, writeBackup } from '@flotilla/snapshot/file';
import { parseEndpoints } from '../endpoints.ts';
import { type MemberReport, reportMembers } from '../member-status.ts';
import { print } from '../output.ts';
import { megabytes, showProgress } from '../progress.ts';
import { wholeNumber } from '../whole-number.ts';

export interface BackupOptions {
  readonly endpoints: string;
  readonly timeoutMs: string;
  readonly output: string;
}

/** A member may stop in the middle, or find what it has stored damaged: then another one is asked. */
const tries = 3;

/** Stores the state of a running cluster, with everything that was acknowledged before the call. */
export async function backup(file: string, { endpoints: list, timeoutMs: timeout, output }: BackupOptions): Promise<void> {
  const timeoutMs = wholeNumber('--timeout-ms', timeout, 1);
  const sources = byPreference(await reportMembers(parseEndpoints(list)));
  if (sources.length === 0) throw unavailable('no member of the cluster answers, or none that has the state', undefined);
  let failure: unknown;
  for (const { endpoint, status } of sources.slice(0, tries)) {
    try {
      const snapshot = await takeSnapshot(endpoint, timeoutMs);
      const { app = null, cluster = '' } = (status?.host ?? {}) as { app?: string; cluster?: string };
      const manifest: BackupManifest = { app, cluster, group: status?.group ?? 1, createdAt: new Date().toISOString(), snapshot };
      await writeBackup(file, manifest, await download(endpoint, snapshot), showProgress(`backup from ${endpoint}`));
      return await report(file, manifest, output);
    } catch (error) {
      // What is wrong with the file is wrong with it whoever is asked.
      if (!(error instanceof FlotillaError && error.code === 'unavailable')) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Followers first, those that have applied the most: the leader has enough to do. */
function byPreference(reports: readonly MemberReport[]): readonly MemberReport[] {
  const rank = ({ status }: MemberReport) => (status?.role === 'leader' ? -1 : (status?.appliedIndex ?? 0));
  return reports
    .filter(({ status }) => status !== null && (status.standing === 'voter' || status.standing === 'learner'))
    .sort((a, b) => rank(b) - rank(a));
}

/** Has the member take one that holds everything that is acknowledged by now. */
async function takeSnapshot(endpoint: string, timeoutMs: number): Promise<SnapshotInfo> {
  const path = `/v1/snapshot?sync=true&timeoutMs=${timeoutMs}`;
  const response = await ask(endpoint, path, { method: 'POST' });
  return (await response.json()) as SnapshotInfo;
}

async function download(endpoint: string, { id }: SnapshotInfo): Promise<AsyncIterable<Uint8Array>> {
  const { body } = await ask(endpoint, `/v1/snapshot/${id}`);
  return received(endpoint, body ?? []);
}

async function* received(endpoint: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (error) {
    throw unavailable(`${endpoint} broke off: it stopped, or what it has stored is damaged`, error);
  }
}

async function ask(endpoint: string, path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`http://${endpoint}${path}`, init);
  } catch (error) {
    throw unavailable(`${endpoint} cannot be reached`, error);
  }
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string } };
  throw unavailable(`${endpoint} answers ${error ? `${error.message} (${error.code})` : response.status}`, undefined);
}

async function report(file: string, manifest: BackupManifest, output: string): Promise<void> {
  const { cluster, app, snapshot } = manifest;
  if (output === 'json') return print(JSON.stringify({ file, ...manifest }));
  const what = `cluster "${cluster}"${app === null ? '' : `, app ${app}`}`;
  await print(`${file}: ${what}, as of entry ${snapshot.index} of term ${snapshot.term}, ${megabytes(snapshot.size)}, verified`);
}

function unavailable(message: string, cause: unknown): FlotillaError {
  return new FlotillaError('unavailable', message, 'Check --endpoints, and flotilla status; then try again.', { cause });
}
