import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { DevMember, DevPlan } from './dev-plan.ts';

/** How long a member may take to finish what is under way before it is killed. */
const stopTimeoutMs = 10_000;

/** The most of a member's last words that is kept. */
const lastWordsMax = 4096;

/** How a member's process ended. */
export interface MemberEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard error last. */
  readonly lastWords: string;
}

/** One member of a local cluster as an operating system process. */
export class MemberProcess {
  readonly ended: Promise<MemberEnd>;
  readonly #child: ChildProcess;
  #lastWords = '';

  constructor(plan: DevPlan, member: DevMember) {
    // A process group of its own: Ctrl-C reaches this command only, which then stops the members in good order.
    this.#child = fork(entryPoint(), ['serve', plan.app.argument, '--config', member.configFile], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsMax);
    });
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal, lastWords: this.#lastWords.trim() }));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with null once the member serves, or with its end where it never does. */
  ready(): Promise<MemberEnd | null> {
    return Promise.race([once(this.#child, 'message').then(() => null), this.ended]);
  }

  /** Asks the member to stop and waits for it; one that does not listen is killed. */
  async stop(): Promise<MemberEnd> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), stopTimeoutMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** kill -9. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The file that this very process was started with. */
export function entryPoint(): string {
  const [, script] = process.argv;
  if (script === undefined) throw new Error('this process has no entry point');
  return script;
}
