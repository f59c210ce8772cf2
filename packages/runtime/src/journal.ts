import type { GroupId, Index } from '@flotilla/core';
import { type Archive, assertServes, type JournalRecord, type StateStore } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { FailStop } from './fail-stop.ts';
import type { GroupConfig } from './host-config.ts';
import { tokens } from './tokens.ts';

/** What one look into the journal fetches for a reader. */
const readRecordsMax = 256;
const readBytesMax = 1 << 18;

/**
 * A group's event journal: written together with the applied index, read by whoever must not miss an event. What the store has moved
 * to an archive is still part of it.
 *
 * One commit is under way at a time; what is applied meanwhile goes into the next.
 */
@injectable()
export class Journal {
  readonly #store: StateStore;
  readonly #group: GroupId;
  readonly #archive: Archive | null;
  readonly #failStop: FailStop;
  readonly #waiting = new Set<() => void>();
  #records: JournalRecord[] = [];
  #pendingBytes = 0;
  #applied: Index = 0;
  #skipsTo: Index | null = null;
  /** The first index from which nothing is missing, of the archive or the store; null where only the store counts. */
  #start: Index | null = null;
  #committing: Promise<void> | null = null;
  #stopped = false;

  constructor(
    @inject(tokens.stateStore) store: StateStore,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.archive) archive: Archive | null,
    @inject(FailStop) failStop: FailStop,
  ) {
    this.#store = store;
    this.#group = group.id;
    this.#archive = archive;
    this.#failStop = failStop;
  }

  /** Looks how far back the archive goes. */
  async load(): Promise<void> {
    if (this.#archive === null) return;
    const start = this.#store.journalStart(this.#group);
    const archived = await this.#archive.extent(this.#group, 'events');
    this.#start = archived !== null && archived.to + 1 >= start ? archived.from : start;
  }

  /** The journal holds everything up to here. */
  get appliedIndex(): Index {
    return this.#store.applied(this.#group);
  }

  /** The first index from which nothing is missing. */
  get startIndex(): Index {
    return this.#start ?? this.#store.journalStart(this.#group);
  }

  /** Bytes of events, and of what the machine wrote into its space, that wait to be committed. */
  get pendingBytes(): number {
    return this.#pendingBytes + this.#store.stagedBytes(this.#group);
  }

  /** Resolves when everything that was appended up to `applied` is committed, or the journal has stopped. */
  async committed(applied: Index): Promise<void> {
    while (this.#committing !== null && this.#store.applied(this.#group) < applied && !this.#stopped) await this.moved();
  }

  /** Everything up to `applied`, which the journal does not hold yet, was applied and caused `records`. */
  append(applied: Index, records: readonly JournalRecord[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#pendingBytes += record.events.length;
    }
    this.#applied = applied;
    this.#commit();
  }

  /** What the entries up to `applied` caused is not known here: the journal begins anew behind them. */
  skipTo(applied: Index): void {
    if (this.#start !== null) this.#start = applied + 1;
    // The store knows it already where it was given the state itself; who follows the journal has to look again.
    if (applied <= this.#store.applied(this.#group)) return this.#wake();
    this.#records = [];
    this.#applied = applied;
    this.#skipsTo = applied;
    this.#commit();
  }

  #commit(): void {
    if (this.#committing || this.#stopped) return;
    const records = this.#records;
    const applied = this.#applied;
    const bytes = this.#pendingBytes;
    this.#records = [];
    const skipsTo = this.#skipsTo;
    this.#skipsTo = null;
    const commit = { group: this.#group, applied, records };
    this.#committing = this.#store.commit([skipsTo === null ? commit : { ...commit, skipsTo }]).then(
      () => {
        this.#pendingBytes -= bytes;
        this.#wake();
        this.#goOn(applied);
      },
      (error: unknown) => {
        this.#failStop.trip(error);
        this.#committing = null;
      },
    );
  }

  /** What was applied while the commit through `committed` was under way goes into the next. */
  #goOn(committed: Index): void {
    this.#committing = null;
    if (this.#applied > committed && !this.#failStop.tripped) this.#commit();
  }

  /** Resolves when something was committed since the call, or the journal stopped, or `signal` aborted. */
  moved(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      if (this.#stopped || signal?.aborted) return resolve();
      this.#waiting.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Every record from `from` on, in order, waiting for new ones, until the signal aborts or the journal stops. */
  async *follow(from: Index, signal?: AbortSignal): AsyncGenerator<JournalRecord, void, void> {
    let next = from;
    while (!this.#stopped && !signal?.aborted) {
      const archived = next < this.#store.journalStart(this.#group);
      const { records, to } = archived ? await this.#archived(next) : this.#stored(next);
      for (const record of records) {
        yield record;
        if (this.#stopped || signal?.aborted) return;
      }
      next = to + 1;
      if (!archived && records.length === 0) await this.moved(signal);
    }
  }

  #stored(from: Index): { readonly records: readonly JournalRecord[]; readonly to: Index } {
    const records = this.#store.journal(this.#group, from, readRecordsMax, readBytesMax);
    return { records, to: records.at(-1)?.index ?? from - 1 };
  }

  async #archived(from: Index): Promise<{ readonly records: readonly JournalRecord[]; readonly to: Index }> {
    const span = (await this.#archive?.events(this.#group, from)) ?? null;
    if (span === null) assertServes(this.#group, this.startIndex, from);
    // The archive has grown meanwhile, or it lost what it had: then the store says so.
    return span ?? this.#stored(from);
  }

  /** Waits for the commit under way; nothing is committed afterwards. */
  async stop(): Promise<void> {
    while (this.#committing && !this.#failStop.tripped) await this.#committing;
    this.#stopped = true;
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.size > 0) for (const done of [...this.#waiting]) done();
  }
}
