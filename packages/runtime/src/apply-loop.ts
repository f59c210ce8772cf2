import type { Entry, Index, SnapshotInfo } from '@flotilla/core';
import { type AppliedRequest, assertReads, type CommittedRequest, type ReplicatedMachine } from '@flotilla/state-machine';
import type { JournalRecord } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { Subject } from 'rxjs';
import { FailStop } from './fail-stop.ts';
import type { EventBatch } from './group.ts';
import type { HostConfig, HostLimits } from './host-config.ts';
import { Journal } from './journal.ts';
import { LogTail } from './log-tail.ts';
import type { CapturedState, MachineState } from './machine-state.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingQueries } from './pending-queries.ts';
import type { Clock, Scheduler } from './ports.ts';
import { RuntimeError } from './runtime-error.ts';
import { tokens } from './tokens.ts';

/** What a log stores of an entry besides its payload, in bytes: roughly. */
const entryOverheadBytes = 64;

/** A slice that took longer than this, in milliseconds, is followed by one of half as many entries: one entry may cost what a thousand do. */
const sliceMsMax = 20;

/** How many entries the first slice has: nothing is known of them yet. */
const firstSliceEntries = 32;

/**
 * Applies committed entries to the machine, in slices between which consensus gets its turns: a slow machine must not
 * cost a leader its leadership.
 */
@injectable()
export class ApplyLoop {
  readonly events$ = new Subject<EventBatch>();
  readonly applied$ = new Subject<Index>();
  readonly #machine: ReplicatedMachine;
  readonly #state: MachineState;
  readonly #tail: LogTail;
  readonly #journal: Journal;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #failStop: FailStop;
  readonly #limits: HostLimits;
  #appliedIndex: Index;
  #appliedBytes = 0;
  #through: Index = 0;
  #sliceEntries = firstSliceEntries;
  /** The machine is being given another state: until then it stands still. */
  #restoring: Promise<void> | null = null;
  #scheduled = false;
  #stopped = false;

  constructor(
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(tokens.machineState) state: MachineState,
    @inject(LogTail) tail: LogTail,
    @inject(Journal) journal: Journal,
    @inject(PendingCommands) commands: PendingCommands,
    @inject(PendingQueries) queries: PendingQueries,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.hostConfig) host: HostConfig,
  ) {
    this.#machine = machine;
    this.#state = state;
    this.#appliedIndex = state.recoveredIndex;
    this.#tail = tail;
    this.#journal = journal;
    this.#commands = commands;
    this.#queries = queries;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#failStop = failStop;
    this.#limits = host.limits;
  }

  get appliedIndex(): Index {
    return this.#appliedIndex;
  }

  /** What the log took for the entries that were applied since the start, in bytes: roughly. */
  get appliedBytes(): number {
    return this.#appliedBytes;
  }

  /** What was applied in an earlier life, and so was committed. */
  get appliedBefore(): Index {
    return this.#journal.appliedIndex;
  }

  /** Everything up to `through` is committed and on disk. */
  advance(through: Index): void {
    this.#through = Math.max(this.#through, through);
    this.#schedule();
  }

  /**
   * The machine takes the state as of an entry, instead of applying everything up to it; nothing is applied meanwhile. Where
   * `parts` fails, it has the state from before. Throws what `assertReads` does.
   */
  async restore(snapshot: SnapshotInfo, parts: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#stopped) return;
    assertReads(this.#machine, snapshot.machine, `the snapshot of entry ${snapshot.index}`);
    const restored = this.#state.install(snapshot.index, parts);
    this.#restoring = restored;
    try {
      await restored;
    } finally {
      this.#restoring = null;
    }
    this.#restored(snapshot.index);
  }

  #restored(index: Index): void {
    if (this.#stopped) return;
    this.#appliedIndex = index;
    this.#journal.skipTo(index);
    this.#commands.skipped(index);
    this.#queries.applied(index);
    this.applied$.next(index);
    this.#schedule();
  }

  /** The machine's state as of the applied index. Rejects with `stopped` where the loop has: a machine that failed is not asked. */
  async capture(): Promise<CapturedState> {
    while (this.#restoring !== null) await this.#restoring;
    if (this.#stopped) throw new RuntimeError('stopped', 'not-applied', 'the host stops', 'Ask again when it has started.');
    return this.#state.capture();
  }

  /** Nothing is applied any more: what is committed and not applied yet is applied when the member starts again. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.events$.complete();
    this.applied$.complete();
  }

  #schedule(): void {
    if (this.#scheduled || this.#restoring !== null || this.#appliedIndex >= this.#through) return;
    this.#scheduled = true;
    this.#scheduler.nextTurn(this.#takeTurn);
  }

  readonly #takeTurn = () => {
    this.#scheduled = false;
    // The machine may have been given a later state since this turn was asked for.
    if (this.#stopped || this.#restoring !== null || this.#appliedIndex >= this.#through) return;
    try {
      // A store that has failed meanwhile says so here first.
      if (this.#journal.pendingBytes > this.#limits.journalBytesMax) return void this.#journal.moved().then(() => this.#schedule());
      const startedAt = this.#clock.now();
      this.#applySlice();
      this.#sliceEntries = Math.max(1, this.#sliceEntries * (this.#clock.now() - startedAt > sliceMsMax ? 0.5 : 2)) | 0;
    } catch (error) {
      // The machine may have changed half of its state. Going on would make it differ from its replicas.
      return this.#failStop.trip(error);
    }
    this.#schedule();
  };

  #applySlice(): void {
    const from = this.#appliedIndex + 1;
    this.#sliceEntries = Math.min(this.#sliceEntries, this.#limits.applyEntriesMax);
    const to = Math.min(this.#through, this.#appliedIndex + this.#sliceEntries);
    const entries = this.#tail.read(from, to, this.#limits.applyBytesMax);
    const commands = entries.filter((entry) => entry.kind === 'command');
    const results = commands.length > 0 ? this.#machine.apply(commands) : [];
    const last = entries.at(-1)?.index ?? this.#appliedIndex;
    this.#appliedIndex = last;
    for (const { payload } of entries) this.#appliedBytes += entryOverheadBytes + payload.length;
    this.#publish(commands, results, last);
    this.#settle(entries, results);
    this.#queries.applied(last);
    if (this.applied$.observed) this.applied$.next(last);
  }

  /** Events that the journal has from an earlier life are neither written nor announced again. */
  #publish(requests: readonly CommittedRequest[], results: readonly AppliedRequest[], last: Index): void {
    const journaled = this.#journal.appliedIndex;
    if (last <= journaled) return;
    const records: JournalRecord[] = [];
    requests.forEach(({ index, term, time }, i) => {
      const { events = [], encodedEvents = null } = results[i] ?? {};
      if (index <= journaled || encodedEvents === null) return;
      records.push({ index, term, time, events: encodedEvents });
      if (this.events$.observed) this.events$.next({ index, term, time, events });
    });
    this.#journal.append(last, records);
  }

  #settle(entries: readonly Entry[], results: readonly AppliedRequest[]): void {
    let next = 0;
    for (const { index, term, kind } of entries) {
      this.#commands.applied(index, term, kind === 'command' ? (results[next++] ?? null) : null);
    }
  }
}
