import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How a process ended. */
export interface Ended {
  readonly lines: readonly string[];
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It had not ended in time, and was killed. */
  readonly hung: boolean;
  /** The end of what it complained of. */
  readonly errors: string;
}

/** Runs a program of Node's to its end, which must come within `timeoutMs` milliseconds. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, timeoutMs = 60_000 }: { readonly env?: Record<string, string>; readonly timeoutMs?: number } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const lines: string[] = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (data) => {
    errors = `${errors}${data}`.slice(-2_000);
  });
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  return { lines, exitCode, signal, hung, errors };
}

/** What is wrong with how a process ended that should have ended by itself; null where nothing is. */
export function diedOf({ exitCode, signal, hung, errors }: Ended): string | null {
  if (hung) return 'hung';
  if (signal !== null) return `died of ${signal}: ${errors.slice(-300)}`;
  return exitCode === 0 ? null : `exit code ${exitCode}: ${errors.slice(-300)}`;
}
