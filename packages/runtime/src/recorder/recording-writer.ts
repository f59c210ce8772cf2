import { inject, injectable } from 'inversify';
import type { GroupConfig, HostConfig } from '../host-config.ts';
import type { Logger, Scheduler } from '../ports.ts';
import { tokens } from '../tokens.ts';
import { FlightRecorder, type RecordedPortion } from './flight-recorder.ts';
import { recorderTokens } from './recorder-tokens.ts';
import type { RecorderConfig } from './recording.ts';
import { recordingError } from './recording-error.ts';
import type { RecordingFiles } from './recording-files.ts';
import { failureLine, headerLine, recordingText, stateLine, stepLine } from './recording-text.ts';

/** Recordings of failures that are kept. */
const failuresMax = 3;

/** Steps that are put into words without giving other work its turn. */
const portionMax = 64;

/**
 * Puts what the flight recorder remembers on disk, as far behind it as the disk is slow.
 *
 * There is no other queue: it follows the recorder's own memory. What that has forgotten before it could be written is
 * missing, and the next segment begins behind the gap. Two segments are kept, `flight-<group>.jsonl` and the one before,
 * `flight-<group>.previous.jsonl`. Consensus never waits for it, and a file that cannot be written ends the recording on
 * disk, nothing else.
 */
@injectable()
export class RecordingWriter {
  readonly #recorder: FlightRecorder;
  readonly #files: RecordingFiles | null;
  readonly #config: RecorderConfig;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #member: number;
  readonly #group: number;
  /** Number of the next step to write. */
  #next = 0;
  /** Length of the segment that is being written; null before the first. */
  #segmentLength: number | null = null;
  #cancelTimer: (() => void) | null = null;
  #draining: Promise<void> | null = null;
  /** The dump that is under way, or the last one; never rejects. */
  #dumping: Promise<void> = Promise.resolve();
  #running = false;
  #gapReported = false;

  constructor(
    @inject(FlightRecorder) recorder: FlightRecorder,
    @inject(tokens.hostConfig) host: Pick<HostConfig, 'member'>,
    @inject(tokens.groupConfig) group: Pick<GroupConfig, 'id'>,
    @inject(recorderTokens.recordingFiles) files: RecordingFiles | null,
    @inject(recorderTokens.recorderConfig) config: RecorderConfig,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#recorder = recorder;
    this.#member = host.member;
    this.#group = group.id;
    this.#files = files;
    this.#config = config;
    this.#scheduler = scheduler;
    this.#logger = logger;
  }

  /** Begins to follow the recorder; does nothing where nobody asked for that, or no files are bound. */
  start(): void {
    if (!this.#config.continuous || this.#files === null || this.#running) return;
    this.#running = true;
    this.#recorder.onRecorded(() => this.#arm());
    this.#arm();
  }

  /** Waits for a dump that is under way, writes what is left, then follows no more. Never rejects. */
  async stop(): Promise<void> {
    await this.#dumping;
    if (!this.#running) return;
    this.#recorder.onRecorded(null);
    await this.#draining;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#drain(true);
    this.#running = false;
  }

  /**
   * Writes everything that is remembered to a file of its own, in the place of the last such one; returns its name. One at
   * a time. Throws `recording_files_missing` where no files are bound, and what the disk says.
   */
  dump(): Promise<string> {
    const dumped = this.#dumping.then(() => this.#dumpNow());
    const done = () => {};
    this.#dumping = dumped.then(done, done);
    return dumped;
  }

  /**
   * Writes what led to a failure: says in the log where it is, or why it is not there. The first few are kept, as whatever
   * starts a failing member again and again must not replace what led to it. Never rejects.
   */
  async dumpFailure(): Promise<void> {
    const files = this.#files;
    if (files === null) return;
    this.#dumping = this.#dumping.then(async () => {
      try {
        const names = Array.from({ length: failuresMax }, (_, i) => `flight-${this.#group}.failure-${i + 1}.jsonl`);
        const taken = await Promise.all(names.map((name) => files.exists(name)));
        const file = names[taken.indexOf(false)];
        if (file === undefined)
          return this.#logger.error({ group: this.#group, names }, 'did not write what led to the failure: move these away');
        await files.replace(file, recordingText(this.#recorder.snapshot()));
        this.#logger.error({ group: this.#group, file }, 'wrote what led to the failure: look at it with flotilla replay');
      } catch (error) {
        this.#logger.error({ err: error, group: this.#group }, 'could not write what led to the failure');
      }
    });
    await this.#dumping;
  }

  async #dumpNow(): Promise<string> {
    if (this.#files === null) {
      throw recordingError(
        'recording_files_missing',
        'this host was not told where to put recordings',
        'Bind tokens.recordingFiles, for example to recordingDirectory(path).',
      );
    }
    const name = `flight-${this.#group}.dump.jsonl`;
    await this.#files.replace(name, recordingText(this.#recorder.snapshot()));
    return name;
  }

  #arm(): void {
    if (!this.#running || this.#cancelTimer !== null || this.#draining !== null) return;
    this.#cancelTimer = this.#scheduler.after(this.#config.flushIntervalMs, () => {
      this.#cancelTimer = null;
      this.#draining = this.#drain(false).finally(() => {
        this.#draining = null;
        if (this.#recorder.next > this.#next) this.#arm();
      });
    });
  }

  /** Writes the steps that there are now; what comes meanwhile waits for the next time. */
  async #drain(last: boolean): Promise<void> {
    if (!this.#running || this.#files === null) return;
    try {
      const end = this.#recorder.next;
      while (this.#next < end) {
        const portion = this.#recorder.portion(this.#next, portionMax);
        if (portion === null) break;
        await this.#write(this.#files, portion);
      }
      if (last && this.#segmentLength !== null) await this.#writeEnd(this.#files);
    } catch (error) {
      this.#running = false;
      this.#recorder.onRecorded(null);
      this.#logger.warn({ err: error, group: this.#group }, 'what happens to this member is no longer recorded on disk');
    }
  }

  async #write(files: RecordingFiles, { first, state, steps }: RecordedPortion): Promise<void> {
    if (first > this.#next && this.#segmentLength !== null) this.#reportGap(first - this.#next);
    const full = this.#segmentLength === null || first > this.#next || this.#segmentLength >= this.#config.segmentBytesMax;
    let text = '';
    if (state !== null && full) {
      await files.rename(this.#name(), `flight-${this.#group}.previous.jsonl`);
      this.#segmentLength = 0;
      text = headerLine({ member: this.#member, group: this.#group, first, state });
    }
    for (const [i, step] of steps.entries()) text += stepLine(first + i, step);
    await files.append(this.#name(), text);
    this.#segmentLength = (this.#segmentLength ?? 0) + text.length;
    this.#next = first + steps.length;
  }

  /** The state is the one after the last step only if every step was written. */
  async #writeEnd(files: RecordingFiles): Promise<void> {
    if (this.#next !== this.#recorder.next) return;
    const { end, failure } = this.#recorder.snapshot();
    await files.append(this.#name(), stateLine(end) + (failure === null ? '' : failureLine(this.#next, failure)));
  }

  #reportGap(steps: number): void {
    if (this.#gapReported) return;
    this.#gapReported = true;
    this.#logger.warn({ group: this.#group, steps }, 'the disk is too slow to record every step of this member');
  }

  #name(): string {
    return `flight-${this.#group}.jsonl`;
  }
}
