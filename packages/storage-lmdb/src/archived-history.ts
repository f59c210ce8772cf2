import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, GroupId, Index } from '@flotilla/core';
import type { Archive } from '@flotilla/storage';
import type { LogReader } from './log-reader.ts';

/** About so many bytes of payload are archived at a time. */
const pieceBytes = 4 * 2 ** 20;

/** So many entries are looked at before others run. */
const sliceEntries = 1_000;

/** Hears that something could not be archived. It is tried again when the log is compacted for the next time. */
export type OnArchiveFailure = (error: unknown) => void;

/** Moves what a log gives up to an archive. */
export class ArchivedHistory {
  readonly #archive: Archive;
  readonly #reader: LogReader;
  readonly #onFailure: OnArchiveFailure;
  /** For each group, from where on what is stored up to `through`, where its log begins, is its history. */
  readonly #known = new Map<GroupId, { readonly through: Index; readonly start: Index }>();

  constructor(archive: Archive, reader: LogReader, onFailure: OnArchiveFailure) {
    this.#archive = archive;
    this.#reader = reader;
    this.#onFailure = onFailure;
  }

  /**
   * Archives what has to be of the entries `from`…`to`, which lie before the beginning of their log; perhaps not all. Returns up to
   * where they may be removed. Rejects where they may not.
   */
  async keep(group: GroupId, from: Index, to: Index): Promise<Index> {
    try {
      const start = await this.#startOf(group, from);
      if (start > to) return to;
      if (start > from) return start - 1;
      const entries = this.#piece(group, from, to);
      await this.#archive.addEntries(group, entries);
      return entries.at(-1)?.index ?? to;
    } catch (error) {
      this.#onFailure(error);
      throw error;
    }
  }

  /**
   * What is stored before a log's beginning is its history as far back as the chain of checksums goes. Behind a snapshot that a leader
   * sent, it may be something else: entries that were never committed.
   */
  async #startOf(group: GroupId, from: Index): Promise<Index> {
    const { index: through, chain: last } = this.#reader.beginning(group);
    const known = this.#known.get(group);
    if (known?.through === through) return known.start;
    let start = through + 1;
    for (let chain = last; start > from; start--) {
      const header = this.#reader.intactHeader(group, start - 1);
      if (header === undefined || header.checksum !== chain) break;
      chain = header.chain;
      if (start % sliceEntries === 0) await nextTurn();
    }
    this.#known.set(group, { through, start });
    return start;
  }

  #piece(group: GroupId, from: Index, to: Index): readonly Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    const next = this.#reader.follower(group);
    for (let index = from; index <= to && bytes < pieceBytes; index++) {
      const entry = next(index) ?? this.#reader.missing(group, index);
      entries.push(entry);
      bytes += entry.payload.length;
    }
    return entries;
  }
}
