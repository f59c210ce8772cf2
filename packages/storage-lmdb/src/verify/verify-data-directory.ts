import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GroupId, Index, Term } from '@flotilla/core';
import { asBuffer } from '../checksum.ts';
import { logFile, peersFile, sizeOf, stateFile } from '../data-directory.ts';
import { lockDirectory } from '../directory-lock.ts';
import { findStateMark } from '../healing-state.ts';
import { findIdentity, identityFileName, type StoredIdentity } from '../identity.ts';
import { generationKey, incarnationKey, rollbackKey } from '../keys.ts';
import { decodeGeneration } from '../log-generation.ts';
import { decodeHardState, decodeRollback } from '../log-record.ts';
import { checkPages } from '../pages/check-pages.ts';
import { PageFile } from '../pages/page-file.ts';
import { findRecord, walkTree } from '../pages/walk-tree.ts';
import { RememberedPeers } from '../remembered-peers.ts';
import { LogVerifier } from './log-verifier.ts';
import { keyOf, type RecordProblem, type RecordVerifier, recordOf } from './record-verifier.ts';
import { StateVerifier } from './state-verifier.ts';

/** Something in a data directory that is not what was written, or does not belong there. */
export interface VerifyProblem extends RecordProblem {
  /** Its name in the directory. */
  readonly file: string;
}

export interface VerifyReport {
  /** Every problem that was found; none in a healthy directory. */
  readonly problems: readonly VerifyProblem[];
  /** How many intact entries each group's log has. */
  readonly entries: ReadonlyMap<GroupId, number>;
  /** How many bytes were looked at. */
  readonly bytes: number;
}

export interface VerifyProgress {
  readonly file: string;
  /** Records that were verified so far. */
  readonly records: number;
  /** How many the file has. */
  readonly of: number;
}

export interface VerifyOptions {
  /** Called from time to time. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

const slicePages = 256;

/**
 * Looks at everything that a member's data directory holds, and lists all that is not what was written. Changes nothing. The member must
 * not run: throws `data_directory_in_use` where it does, and what the file system says where there is no directory.
 */
export async function verifyDataDirectory(directory: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const path = await realpath(directory);
  const lock = await lockDirectory(path);
  try {
    return await new Verification(path, options).run();
  } finally {
    await lock.release();
  }
}

class Verification {
  readonly #path: string;
  readonly #options: VerifyOptions;
  readonly #problems: VerifyProblem[] = [];
  readonly #entries = new Map<GroupId, number>();
  #bytes = 0;

  constructor(path: string, options: VerifyOptions) {
    this.#path = path;
    this.#options = options;
  }

  async run(): Promise<VerifyReport> {
    const identity = await this.#identity();
    await this.#file(logFile, (pages) => this.#log(pages, identity));
    await this.#file(stateFile, (pages) => this.#state(pages, identity));
    return { problems: this.#problems, entries: this.#entries, bytes: this.#bytes };
  }

  async #identity(): Promise<StoredIdentity | null> {
    let identity: StoredIdentity | undefined;
    try {
      identity = await findIdentity(this.#path);
      if (!identity?.initialized) this.#report(identityFileName, 'it is missing, or the member was never started');
      if (identity?.rolledBack) this.#report(identityFileName, `it is of an older copy of the directory: ${identity.rolledBack}`);
    } catch (error) {
      this.#report(identityFileName, textOf(error));
    }
    try {
      await RememberedPeers.open(this.#path, identity?.memberId ?? 0);
    } catch (error) {
      this.#report(peersFile, textOf(error));
    }
    return identity ?? null;
  }

  async #file(name: string, verify: (pages: PageFile) => Promise<void>): Promise<void> {
    const file = join(this.#path, name);
    const size = await sizeOf(file);
    if (!size) return this.#report(name, 'it is missing or empty');
    this.#bytes += size;
    try {
      const pages = new PageFile(file);
      try {
        for (const _ of checkPages(pages)) await nextTurn();
        await verify(pages);
      } finally {
        pages.close();
      }
    } catch (error) {
      this.#report(name, textOf(error));
    }
  }

  async #log(pages: PageFile, identity: StoredIdentity | null): Promise<void> {
    const onProblem = (problem: RecordProblem) => this.#problems.push({ file: logFile, ...problem });
    let group: GroupId = 0;
    let highestTerm: Term = 0;
    const verifier = new LogVerifier(onProblem, () => this.#entries.set(group, (this.#entries.get(group) ?? 0) + 1));
    await this.#records(pages, logFile, verifier, (key, value) => {
      if (key.length < 4) return;
      group = key.readUInt32BE();
      if (key.length === 4) highestTerm = Math.max(highestTerm, decodeHardState(group, value)?.hardState.term ?? 0);
    });
    this.#belongs(pages, logFile, identity);
    const [found, mark] = [findRecord(pages, generationKey), findRecord(pages, rollbackKey)];
    const generation = found && decodeGeneration(asBuffer(found));
    if (generation === undefined) this.#report(logFile, 'its generation is not what was written');
    else if (generation < (identity?.generation ?? 0)) this.#report(logFile, 'it is an older copy of itself');
    else if (identity && identity.generation < generation - 1) this.#report(identityFileName, 'it is an older copy of itself');
    if (highestTerm < (identity?.highestTerm ?? 0)) this.#report(logFile, `it does not know of term ${identity?.highestTerm} any more`);
    if (mark && !decodeRollback(mark)) this.#report(logFile, 'the mark of an older copy is not what was written');
  }

  async #state(pages: PageFile, identity: StoredIdentity | null): Promise<void> {
    const mark = await findStateMark(this.#path);
    if (mark !== null) this.#report(stateFile, `it is marked: ${mark}`);
    const onProblem = (problem: RecordProblem) => this.#problems.push({ file: stateFile, ...problem });
    await this.#records(pages, stateFile, new StateVerifier(onProblem));
    this.#belongs(pages, stateFile, identity);
  }

  async #records(pages: PageFile, file: string, verifier: RecordVerifier, onRecord: (key: Buffer, value: Buffer) => void = () => {}) {
    const of = pages.meta.records.records;
    let records = 0;
    const walk = walkTree(pages, pages.meta.records, (record) => {
      onRecord(keyOf(record), recordOf(record));
      verifier.add(record);
      records++;
      return true;
    });
    for await (const _ of inSlices(walk)) this.#options.onProgress?.({ file, records, of });
    this.#options.onProgress?.({ file, records, of });
    if (records !== of) this.#report(file, `it has ${records} records, and says that it has ${of}`);
  }

  #belongs(pages: PageFile, file: string, identity: StoredIdentity | null): void {
    const found = findRecord(pages, incarnationKey)?.toString();
    if (identity && found !== identity.incarnation) this.#report(file, 'it does not belong to the identity.json beside it');
  }

  #report(file: string, what: string, group: GroupId | null = null, index: Index | null = null): void {
    this.#problems.push({ file, group, index, what });
  }
}

/** Lets others run from time to time. */
async function* inSlices(walk: Generator<void, void, void>): AsyncGenerator<void, void, void> {
  let pages = 0;
  for (const _ of walk) {
    if (++pages % slicePages !== 0) continue;
    await nextTurn();
    yield;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
