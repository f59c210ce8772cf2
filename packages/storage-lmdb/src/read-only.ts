import { basename, join } from 'node:path';
import type { Entry, GroupId, Index } from '@flotilla/core';
import { assertInLog, assertServes, type JournalRecord, type RecoveredLog, readRange, takeRecords } from '@flotilla/storage';
import { logFile, sizeOf, stateFile } from './data-directory.ts';
import { type Database, openDatabaseReadOnly } from './environment.ts';
import { readIdentity, type StoredIdentity, unusable } from './identity.ts';
import { JournalReader } from './journal-reader.ts';
import { LogReader } from './log-reader.ts';
import { assertSound } from './sound-file.ts';
import { stateCorrupted } from './state-damage.ts';

/**
 * A look at a member's data, for tools. Each call sees what is on disk at that moment; of a member that is running, the
 * applied index and the journal may lag a little.
 */
export interface LmdbStorageReader {
  readonly identity: StoredIdentity;
  /** The groups of which the log holds anything, ascending. */
  groups(): readonly GroupId[];
  /** As `LogStore.recover`, without writing down what has to be healed. */
  recover(group: GroupId): Promise<RecoveredLog>;
  /** As `LogStore.read`. */
  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[];
  /** As `StateStore.applied`. */
  applied(group: GroupId): Index;
  /** As `StateStore.journalStart`. */
  journalStart(group: GroupId): Index;
  /** As `StateStore.journal`. */
  journal(group: GroupId, from: Index, recordsMax: number, bytesMax?: number): readonly JournalRecord[];
  close(): Promise<void>;
}

/**
 * Opens a data directory for reading only. Takes no lock, so that it also works while a member runs on it.
 *
 * Throws `data_directory_unusable` where the directory holds no member's data, and `state_corrupted` where `state.mdb` is damaged.
 */
export async function openLmdbStorageReadOnly(directory: string): Promise<LmdbStorageReader> {
  const identity = await readIdentity(directory);
  const log = await openFile(join(directory, logFile));
  try {
    const state = await openFile(join(directory, stateFile));
    return reader(identity, directory, log, state);
  } catch (error) {
    await log.close();
    throw error;
  }
}

function reader(identity: StoredIdentity, directory: string, log: Database, state: Database): LmdbStorageReader {
  const logs = new LogReader(log, join(directory, logFile));
  const journals = new JournalReader({ db: state, file: join(directory, stateFile), damaged() {} });
  return {
    identity,
    groups: () => logs.groups(),
    recover: async (group) => (await logs.recover(group)).recovered,
    read(group, from, to, bytesMax) {
      const assertThere = () => assertInLog(group, from, to, logs.extent(group));
      assertThere();
      const next = logs.follower(group);
      return readRange(from, to, bytesMax, (index) => {
        const entry = next(index);
        if (entry) return entry;
        // The member may have removed it meanwhile: then it is not lost.
        assertThere();
        return logs.missing(group, index);
      });
    },
    applied: (group) => journals.state(group).applied,
    journalStart: (group) => journals.state(group).extent.start,
    journal(group, from, recordsMax, bytesMax) {
      const { applied, extent } = journals.state(group);
      assertServes(group, extent.start, from);
      return takeRecords(journals.records(group, from, applied), recordsMax, bytesMax);
    },
    async close() {
      await Promise.all([log.close(), state.close()]);
    },
  };
}

const startAgain = 'Stop the member, and start it again: it heals, or says what to do.';

/** LMDB takes an empty file for an empty database. */
async function openFile(file: string): Promise<Database> {
  const hint = 'Name the data directory of a member that has been started at least once.';
  if (!(await sizeOf(file))) throw unusable(`${file} is missing or empty`, hint);
  const isState = basename(file) === stateFile;
  await assertSound(file, (message, cause) => (isState ? stateCorrupted(message, cause) : unusable(message, startAgain, cause)));
  try {
    return openDatabaseReadOnly(file);
  } catch (error) {
    throw unusable(`${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`, hint, error);
  }
}
