/** The port for time. The simulator binds a virtual one. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Wall clock milliseconds since 1970. */
  wallTime(): number;
}

/** The port for "later". */
export interface Scheduler {
  /** Runs `task` once, after the inputs that are waiting right now have been taken in. */
  nextTurn(task: () => void): void;
  /** Runs `task` once after `delayMs`; returns how to cancel it. */
  after(delayMs: number, task: () => void): () => void;
}

/** The port for randomness: a number in [0, 1), unpredictable in production, seeded under test. */
export type Random = () => number;

/** The port for log lines. Shaped so that a pino logger fits as it is. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

export const systemClock: Clock = { now: () => performance.now(), wallTime: () => Date.now() };

export const systemScheduler: Scheduler = {
  nextTurn: (task) => void setImmediate(task),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
