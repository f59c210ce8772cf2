/** The port for time, as a client sees it. */
export interface ClientTime {
  /** Monotonic milliseconds. */
  now(): number;
  /**
   * Runs `run` once after `delayMs`; returns how to cancel it. `background`: nobody waits for it, so it does not keep the program
   * running. Default false.
   */
  after(delayMs: number, run: () => void, background?: boolean): () => void;
}

export const systemTime: ClientTime = {
  now: () => performance.now(),
  after: (delayMs, run, background = false) => {
    const timer: unknown = setTimeout(run, delayMs);
    if (background) letGo(timer);
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

/** A timer is a number in a browser, where nothing keeps a program running. */
function letGo(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') timer.unref();
}

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
