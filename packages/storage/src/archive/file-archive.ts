import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Entry, GroupId, Index } from '@flotilla/core';
import type { Archive, ArchivedExtent, ArchivedKind, EventSpan } from '../archive.ts';
import { createDirectory, writeFileDurably } from '../files/durable-file.ts';
import { StorageError } from '../storage-error.ts';
import { decodeSegment, encodeSegment, entryOfRow, recordOfRow, rowOfEntry, rowOfRecord, type SegmentSpan } from './segment.ts';

type Row = readonly unknown[];

/** A segment that is not what was written. */
export interface ArchiveProblem {
  /** Below the archive's directory. */
  readonly file: string;
  readonly problem: string;
}

const namePattern = /^(entries|events)-(\d{16})-(\d{16})\.segment$/;

/**
 * An {@link Archive} of files: for each group a directory, and in it a file for each span that was moved there. They may be copied
 * away, and all but the newest of each kind be removed, at any time.
 */
export class FileArchive implements Archive {
  readonly #directory: string;
  /** What is there, ascending. */
  readonly #segments = new Map<GroupId, Promise<SegmentSpan[]>>();
  /** The segment that was read last: whoever reads on asks for it again. */
  #last: { readonly span: SegmentSpan; readonly rows: Promise<readonly Row[] | null> } | null = null;
  readonly #prepared = new Set<string>();
  /** One addition at a time: what it follows on must be known. */
  #adding: Promise<void> = Promise.resolve();

  /** `directory` is created when something is added. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  addEntries(group: GroupId, entries: readonly Entry[]): Promise<void> {
    const from = entries[0]?.index;
    const to = entries.at(-1)?.index;
    if (from === undefined || to === undefined) return Promise.resolve();
    return this.#add({ kind: 'entries', group, from, to }, entries, rowOfEntry);
  }

  addEvents(group: GroupId, { from, to, records }: EventSpan): Promise<void> {
    return this.#add({ kind: 'events', group, from, to }, records, rowOfRecord);
  }

  async entries(group: GroupId, from: Index): Promise<readonly Entry[] | null> {
    const span = await this.#find('entries', group, from);
    const rows = span && (await this.#rows(span));
    return rows?.map(entryOfRow).filter(({ index }) => index >= from) ?? null;
  }

  async events(group: GroupId, from: Index): Promise<EventSpan | null> {
    const span = await this.#find('events', group, from);
    const rows = span && (await this.#rows(span));
    return rows && { from, to: span.to, records: rows.map(recordOfRow).filter(({ index }) => index >= from) };
  }

  async extent(group: GroupId, kind: ArchivedKind): Promise<ArchivedExtent | null> {
    const spans = (await this.#of(group)).filter((span) => span.kind === kind);
    const hole = spans.findLastIndex(({ to }, i) => i + 1 < spans.length && to + 1 !== spans[i + 1]?.from);
    const [first, last] = [spans[hole + 1], spans.at(-1)];
    return first && last ? { from: first.from, to: last.to } : null;
  }

  /** Reads and verifies everything; says what is wrong with each file that is not as it was written. */
  async verify(): Promise<readonly ArchiveProblem[]> {
    const problems: ArchiveProblem[] = [];
    const groups = (await namesIn(this.#directory)).filter((name) => /^\d+$/.test(name)).map(Number);
    for (const group of groups) {
      for (const span of await this.#of(group)) {
        const rows = await readFile(this.#file(span))
          .then((bytes) => decodeSegment(span, bytes))
          .catch(String);
        if (typeof rows === 'string') problems.push({ file: relative(this.#directory, this.#file(span)), problem: rows });
      }
    }
    return problems;
  }

  #add<Item extends { readonly index: Index }>(span: SegmentSpan, items: readonly Item[], rowOf: (item: Item) => Row): Promise<void> {
    const added = this.#adding.then(() => this.#addBehind(span, items, rowOf));
    this.#adding = added.catch(() => {});
    return added;
  }

  async #addBehind<Item extends { readonly index: Index }>(
    { kind, group, from, to }: SegmentSpan,
    items: readonly Item[],
    rowOf: (item: Item) => Row,
  ): Promise<void> {
    const segments = await this.#of(group);
    const end = segments.findLast((each) => each.kind === kind)?.to ?? 0;
    if (to <= end) return;
    const span = { kind, group, from: Math.max(from, end + 1), to };
    const rows = items.filter(({ index }) => index > end).map(rowOf);
    await this.#prepare(join(this.#directory, String(group)));
    await writeFileDurably(this.#file(span), await encodeSegment(span, rows));
    segments.push(span);
  }

  /** Whoever adds is the only one, and removes what a crash has left unfinished. */
  async #prepare(directory: string): Promise<void> {
    if (this.#prepared.has(directory)) return;
    await createDirectory(directory);
    for (const name of await namesIn(directory)) if (name.endsWith('.segment.new')) await rm(join(directory, name), { force: true });
    this.#prepared.add(directory);
  }

  async #find(kind: ArchivedKind, group: GroupId, index: Index): Promise<SegmentSpan | null> {
    return (await this.#of(group)).find((span) => span.kind === kind && span.from <= index && index <= span.to) ?? null;
  }

  /** Null for a segment that somebody has removed: there is a hole now. */
  #rows(span: SegmentSpan): Promise<readonly Row[] | null> {
    if (this.#last?.span !== span) this.#last = { span, rows: this.#read(span) };
    return this.#last.rows;
  }

  async #read(span: SegmentSpan): Promise<readonly Row[] | null> {
    const file = this.#file(span);
    try {
      const rows = await decodeSegment(span, await readFile(file));
      if (typeof rows !== 'string') return rows;
      throw corrupted(file, rows);
    } catch (error) {
      this.#last = null;
      if (isMissing(error)) return this.#forget(span);
      throw error instanceof StorageError ? error : corrupted(file, String(error), error);
    }
  }

  async #forget(span: SegmentSpan): Promise<null> {
    const segments = await this.#of(span.group);
    const at = segments.indexOf(span);
    if (at >= 0) segments.splice(at, 1);
    return null;
  }

  #of(group: GroupId): Promise<SegmentSpan[]> {
    const known = this.#segments.get(group);
    if (known !== undefined) return known;
    const listed = this.#list(group);
    this.#segments.set(group, listed);
    // Whoever asks next has another try.
    listed.catch(() => this.#segments.delete(group));
    return listed;
  }

  async #list(group: GroupId): Promise<SegmentSpan[]> {
    const directory = join(this.#directory, String(group));
    const spans: SegmentSpan[] = [];
    for (const name of await namesIn(directory)) {
      const [, kind, from, to] = namePattern.exec(name) ?? [];
      if (kind !== undefined) spans.push({ kind: kind as ArchivedKind, group, from: Number(from), to: Number(to) });
    }
    return spans.sort((a, b) => a.from - b.from);
  }

  #file({ kind, group, from, to }: SegmentSpan): string {
    const digits = (index: Index) => String(index).padStart(16, '0');
    return join(this.#directory, String(group), `${kind}-${digits(from)}-${digits(to)}.segment`);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    const { message } = error as Error;
    const hint = 'Let this be a directory that this user may read and write, or start without the setting archive.';
    throw new StorageError('archive_unusable', `${directory} cannot be used: ${message}`, hint, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function corrupted(file: string, problem: string, cause?: unknown): StorageError {
  return new StorageError(
    'archive_corrupted',
    `${file} cannot be used: ${problem}`,
    'Put a copy of this file in its place, of this member or of another one; or remove it, and the archive has a hole there.',
    { cause },
  );
}
