import { MachineError } from '../machine-error.ts';

/** The machine whose code runs just now, and whom to tell; null for everybody else. */
interface Running {
  readonly machine: string;
  /** Null where what it must not do throws. */
  readonly report: ((error: MachineError) => void) | null;
  thrown: MachineError | null;
}

let running: Running | null = null;

/**
 * Runs a machine's code. While a guard is installed, what the machine must not do throws a `MachineError` with code
 * `nondeterministic`, and that is what comes out of here, also where the code has caught it. With `report`, that is told instead, and
 * the machine gets what it asked for.
 */
export function guarded<T>(machine: string, run: () => T, report: ((error: MachineError) => void) | null = null): T {
  const outer = running;
  const own: Running = { machine, report, thrown: null };
  running = own;
  try {
    const result = run();
    if (own.thrown !== null) throw own.thrown;
    return result;
  } catch (error) {
    throw own.thrown ?? error;
  } finally {
    running = outer;
  }
}

/** Runs code that a machine calls and that is not the machine's: it may do what it likes. */
export function unguarded<T>(run: () => T): T {
  const outer = running;
  running = null;
  try {
    return run();
  } finally {
    running = outer;
  }
}

/** Whether what runs just now is a machine that must behave. */
export function isWatched(): boolean {
  return running !== null;
}

/** Somebody uses `what`: an error where that is a machine. */
export function check(what: string, hint: string): void {
  if (running === null) return;
  const stack = unguarded(stackHere);
  // Whatever makes a stack readable may look into files.
  if (stack.some((line) => line.includes('prepareStackTrace'))) return;
  violate(`machine "${running.machine}" uses ${what} in ${callerIn(stack)}`, hint);
}

/** The machine that runs just now does what it must not. */
export function violate(message: string, hint: string): void {
  if (running === null) return;
  const error = new MachineError('nondeterministic', message, hint);
  if (running.report !== null) return running.report(error);
  running.thrown ??= error;
  throw running.thrown;
}

function stackHere(): readonly string[] {
  const limited = Error as { stackTraceLimit?: number };
  const { stackTraceLimit } = limited;
  limited.stackTraceLimit = 12;
  const { stack = '' } = new Error('here') as { stack?: string };
  if (stackTraceLimit !== undefined) limited.stackTraceLimit = stackTraceLimit;
  return stack.split('\n').slice(1);
}

/** The first line of a stack that is neither of the guard nor of the platform, as `file:line:column`. */
function callerIn(stack: readonly string[]): string {
  const line = stack.find((each) => !/\/determinism\/(?:guard|watch-globals)\.[jt]s|Reflect\.|node:internal|<anonymous>\)?$/.test(each));
  return line?.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '') ?? 'an unknown place';
}
