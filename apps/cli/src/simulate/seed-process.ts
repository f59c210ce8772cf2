import { type ChildProcess, fork } from 'node:child_process';
import { entryPoint } from '../dev/member-process.ts';
import type { SeedMessage, SeedResult } from './seed-result.ts';
import type { SeedSettings } from './simulate-options.ts';

/** One thread computes, so more of them would only take turns with the other processes; most objects of a run die young. */
const nodeFlags = ['--single-threaded', '--no-allocation-site-pretenuring', '--min-semi-space-size=16', '--max-semi-space-size=16'];

/** The most of a process's last words that is kept. */
const lastWordsMax = 4096;

/** How a process ended that should have gone on. */
export type SeedProcessEnd =
  | { readonly kind: 'died'; readonly how: string; readonly lastWords: string }
  | { readonly kind: 'silent'; readonly afterMs: number };

/** A process that runs one seed after another, each on its own. One that is silent for `silenceMsMax` hangs, and is killed. */
export class SeedProcess {
  readonly #child: ChildProcess;
  readonly #silenceMsMax: number;
  #lastWords = '';
  #settle: ((outcome: SeedResult | SeedProcessEnd) => void) | null = null;
  #end: SeedProcessEnd | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: SeedSettings, silenceMsMax: number) {
    this.#silenceMsMax = silenceMsMax;
    this.#child = fork(entryPoint(), ['simulate-seeds', JSON.stringify(settings)], {
      execArgv: nodeFlags,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsMax);
    });
    this.#child.on('message', (message: SeedMessage) => this.#heard(message));
    this.#child.on('error', (error) => this.#ended({ kind: 'died', how: error.message, lastWords: '' }));
    this.#child.on('close', (code, signal) =>
      this.#ended({ kind: 'died', how: signal === null ? `with exit code ${code}` : `of ${signal}`, lastWords: this.#lastWords.trim() }),
    );
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** Runs a seed; resolves with what became of it, or of the process. */
  run(seed: number): Promise<SeedResult | SeedProcessEnd> {
    if (this.#end !== null) return Promise.resolve(this.#end);
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#watch();
      // Where the process is gone by now, its end says so.
      this.#child.send({ seed }, () => {});
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #heard(message: SeedMessage): void {
    if (message.kind === 'done') this.#done(message.result);
    else if (this.#settle !== null) this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = setTimeout(() => {
      this.kill();
      this.#ended({ kind: 'silent', afterMs: this.#silenceMsMax });
    }, this.#silenceMsMax);
  }

  #ended(end: SeedProcessEnd): void {
    this.#end ??= end;
    this.#done(this.#end);
  }

  #done(outcome: SeedResult | SeedProcessEnd): void {
    clearTimeout(this.#timer ?? undefined);
    this.#settle?.(outcome);
    this.#settle = null;
  }
}
