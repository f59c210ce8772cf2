/** The port for time, as a client sees it. */
export interface ClientTime {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs `run` once after `delayMs`; returns how to cancel it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTime: ClientTime = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or early when the signal aborts. */
export function pause(time: ClientTime, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = time.after(delayMs, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
