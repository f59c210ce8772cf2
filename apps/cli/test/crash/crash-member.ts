import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { CrashFailure } from './crash-failure.ts';
import type { CrashAt } from './crash-plan.ts';

/** How a process of a member ended. */
export interface CrashEnd {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  /** The point at which it killed itself; null where somebody else did, or it just ended. */
  readonly at: CrashAt | null;
}

export interface CrashMemberFiles {
  readonly cli: string;
  /** Modules that the process loads first. */
  readonly preloads: readonly string[];
  readonly config: string;
  /** Where the process says at which point it died. */
  readonly report: string;
  /** Gets what it prints, over all its lives. */
  readonly output: string;
}

/** How long a process may take until it serves. */
const startMsMax = 30_000;

/** How much of what a process complains of goes into the failure, in characters. */
const lastWordsMax = 2000;

/** One member of a cluster, in one process after the other. */
export class CrashMember {
  readonly id: number;
  readonly clientPort: number;
  readonly #files: CrashMemberFiles;
  #child: ChildProcess | null = null;
  #ended: Promise<CrashEnd> = Promise.resolve({ signal: null, code: null, at: null });
  #ready: Promise<void> = Promise.resolve();
  /** Whether its end is somebody's intention. */
  #mayEnd = true;

  constructor(id: number, clientPort: number, files: CrashMemberFiles) {
    this.id = id;
    this.clientPort = clientPort;
    this.#files = files;
  }

  get url(): string {
    return `127.0.0.1:${this.clientPort}`;
  }

  /** Resolves with the end of the present process; of the last one, where there is none. */
  get ended(): Promise<CrashEnd> {
    return this.#ended;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Starts a process, which kills itself at `at`, if there is such a point. `onEnd` hears of it if nobody wanted that. */
  start(at: CrashAt | null, onUnwantedEnd: (failure: CrashFailure) => void): void {
    const { cli, preloads, config, report, output } = this.#files;
    rmSync(report, { force: true });
    const imports = preloads.flatMap((preload) => ['--import', preload]);
    const child = spawn(process.execPath, [...imports, cli, 'serve', 'kv', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, FLOTILLA_CRASH_REPORT: report, FLOTILLA_CRASH_AT: at ?? '' },
    });
    this.#child = child;
    this.#mayEnd = at !== null;
    let lastWords = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => appendFileSync(output, text));
    child.stderr?.on('data', (text: Buffer) => {
      lastWords = (lastWords + text).slice(-lastWordsMax);
    });
    this.#ready = new Promise((resolve) => child.once('message', () => resolve()));
    this.#ended = once(child, 'close').then(([code, signal]) => {
      this.#child = null;
      const end: CrashEnd = { signal, code, at: existsSync(report) ? readFileSync(report, 'utf8') : null };
      if (!this.#mayEnd || signal !== 'SIGKILL') {
        const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
        onUnwantedEnd(new CrashFailure('member_ended', `member ${this.id} ended ${how}, and said: ${lastWords}`));
      }
      return end;
    });
  }

  /** Resolves when the process serves, or has died at the point that it was started with. */
  async up(): Promise<void> {
    const timeout = AbortSignal.timeout(startMsMax);
    const late = new Promise<never>((_, reject) => {
      const failure = new CrashFailure('member_does_not_start', `member ${this.id} does not serve ${startMsMax} ms after its start`);
      timeout.addEventListener('abort', () => reject(failure), { once: true });
    });
    await Promise.race([this.#ready, this.#ended, late]);
  }

  /** The process kills itself at `at` from now on. */
  arm(at: CrashAt): void {
    this.#mayEnd = true;
    // One that is dead already needs nobody to tell it.
    this.#child?.send({ crashAt: at }, () => {});
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<CrashEnd> {
    this.#mayEnd = true;
    this.#child?.kill('SIGKILL');
    return this.#ended;
  }
}
