import type { GroupId } from '@flotilla/core';
import { type Archive, type EventSpan, type JournalExtent, type JournalRecord, takeRecords } from '@flotilla/storage';
import type { OnArchiveFailure } from './archived-history.ts';

/** A journal of which something is to go. */
export interface ShrinkingJournal {
  /** The oldest records that are to go, with the span of the log of which they are all; null where none are. */
  oldest(): EventSpan | null;
  /** What `oldest` gave is in the archive. False where the journal has changed meanwhile, so that it must not go. */
  remove(span: EventSpan): boolean;
}

/** Whether the oldest record of a journal of this extent is to go. */
export type Goes = (extent: JournalExtent, oldest: JournalRecord) => boolean;

/** So much of a journal is archived at a time. */
const spanRecordsMax = 5_000;
const spanBytesMax = 4 * 2 ** 20;

/** The oldest of the records that are to go; null where none are. */
export function oldestSpan(records: Iterable<JournalRecord>, extent: JournalExtent, goes: Goes): EventSpan | null {
  const going: JournalRecord[] = [];
  let left = extent;
  for (const record of takeRecords(records, spanRecordsMax, spanBytesMax)) {
    if (!goes(left, record)) break;
    going.push(record);
    left = extentBehind(left, [record]);
  }
  return going.length === 0 ? null : { from: extent.start, to: left.start - 1, records: going };
}

/** What a journal has once it has given up its oldest records. */
export function extentBehind(extent: JournalExtent, given: readonly JournalRecord[]): JournalExtent {
  const bytes = given.reduce((sum, { events }) => sum + events.length, 0);
  return { start: (given.at(-1)?.index ?? extent.start - 1) + 1, records: extent.records - given.length, bytes: extent.bytes - bytes };
}

/** Moves what journals give up to an archive, one piece at a time for each group. */
export class JournalArchiver {
  readonly #archive: Archive;
  readonly #onFailure: OnArchiveFailure;
  readonly #moving = new Map<GroupId, Promise<void>>();

  constructor(archive: Archive, onFailure: OnArchiveFailure) {
    this.#archive = archive;
    this.#onFailure = onFailure;
  }

  /** Resolves when nothing is to go any more, or could not be archived: then it stays until the next call. */
  move(group: GroupId, journal: ShrinkingJournal): Promise<void> {
    const underWay = this.#moving.get(group);
    if (underWay !== undefined) return underWay;
    const moved = this.#move(group, journal)
      .catch(this.#onFailure)
      .finally(() => this.#moving.delete(group));
    this.#moving.set(group, moved);
    return moved;
  }

  /** Resolves when nothing is being moved. */
  async idle(): Promise<void> {
    await Promise.all(this.#moving.values());
  }

  async #move(group: GroupId, journal: ShrinkingJournal): Promise<void> {
    for (let span = journal.oldest(); span !== null; span = journal.oldest()) {
      await this.#archive.addEvents(group, span);
      if (!journal.remove(span)) return;
    }
  }
}
