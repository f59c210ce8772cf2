import { Violation } from '../watch/violation.ts';

/** What a machine must not ask, and what it has instead. */
const forbidden = {
  'Math.random': 'Use ctx.random(): every replica draws the same.',
  'Date.now': 'Use ctx.now, the time that is in the log.',
  'new Date': 'Use new Date(ctx.now): the time that is in the log.',
  'performance.now': 'Use ctx.now, the time that is in the log.',
  'crypto.randomUUID': 'Use ctx.uuid(): every replica draws the same.',
  'crypto.getRandomValues': 'Use ctx.random(): every replica draws the same.',
  setTimeout: 'A machine waits for nothing: it acts when a command comes.',
  setInterval: 'A machine waits for nothing: it acts when a command comes.',
  setImmediate: 'A machine waits for nothing: it acts when a command comes.',
  fetch: 'A machine does no I/O: whoever sends the command asks first, and puts what it learned into the command.',
} as const;

type Forbidden = keyof typeof forbidden;

/** The machine whose code runs just now, and whom to tell. */
let running: { readonly machine: string; readonly report: (violation: Violation) => void } | null = null;
let installed = 0;
let restore: () => void = () => {};

/**
 * Watches, until the returned function is called, what machines must not do: ask a clock, draw a random number, start a timer.
 * Only what happens within {@link guarded} counts; for everybody else nothing changes.
 */
export function installAmbientGuard(): () => void {
  if (installed++ === 0) restore = patchGlobals();
  let active = true;
  return () => {
    if (!active) return;
    active = false;
    if (--installed === 0) restore();
  };
}

/** Runs a machine's code; `report` is told of what it must not do. */
export function guarded<T>(machine: string, report: (violation: Violation) => void, run: () => T): T {
  const outer = running;
  running = { machine, report };
  try {
    return run();
  } finally {
    running = outer;
  }
}

function patchGlobals(): () => void {
  const RealDate = globalThis.Date;
  // A date of a given time is as good as its number; one of no time is the clock.
  const WatchedDate = new Proxy(RealDate, {
    construct(target, given, newTarget) {
      if (given.length === 0) check('new Date');
      return Reflect.construct(target, given, newTarget) as object;
    },
    get: (target, name, receiver) => (name === 'now' ? watched('Date.now', RealDate.now) : Reflect.get(target, name, receiver)),
  });
  const undo = [
    patch(Math, 'random', 'Math.random'),
    patch(performance, 'now', 'performance.now'),
    patch(crypto, 'randomUUID', 'crypto.randomUUID'),
    patch(crypto, 'getRandomValues', 'crypto.getRandomValues'),
    patch(globalThis, 'setTimeout', 'setTimeout'),
    patch(globalThis, 'setInterval', 'setInterval'),
    patch(globalThis, 'setImmediate', 'setImmediate'),
    patch(globalThis, 'fetch', 'fetch'),
  ];
  globalThis.Date = WatchedDate;
  return () => {
    globalThis.Date = RealDate;
    for (const each of undo) each();
  };
}

/** Replaces one function by one that looks first who calls; returns how to undo that. */
function patch<T extends object, K extends keyof T>(owner: T, name: K, what: Forbidden): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  const real = owner[name] as (...given: unknown[]) => unknown;
  Object.defineProperty(owner, name, { value: watched(what, real.bind(owner)), configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(owner, name, before);
    else delete owner[name];
  };
}

function watched<A extends unknown[], R>(what: Forbidden, real: (...given: A) => R): (...given: A) => R {
  return (...given) => {
    if (running !== null) check(what);
    return real(...given);
  };
}

function check(what: Forbidden): void {
  if (running === null) return;
  const { machine, report } = running;
  const where = callerOf(stackHere());
  report(new Violation('determinism', `machine "${machine}" uses ${what} in ${where}`, forbidden[what]));
}

function stackHere(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 10;
  const { stack } = new Error('here');
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}

/** The first line of a stack that is not in this file. */
function callerOf(stack = ''): string {
  const line = stack.split('\n').find((each, at) => at > 0 && !each.includes('ambient-guard'));
  return line?.replace(/^\s*at (?:.*\()?/, '').replace(/\)$/, '') ?? 'an unknown place';
}
