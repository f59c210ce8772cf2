import { readFileSync } from 'node:fs';

const intervalMs = 50;

/**
 * Samples the memory of processes. Anonymous memory (`RssAnon` in /proc/<pid>/status) is what a process has of its own: heap, buffers
 * and stacks. Pages of files that are mapped, as LMDB maps its own, are the page cache's, and given back whenever the system needs them.
 */
export class MemoryWatch {
  #pids = new Map();
  #peaks = new Map();
  #timer = setInterval(() => this.#sample(), intervalMs);

  /** `name` is for `begin` and `peaks`. */
  add(name, pid) {
    this.#pids.set(name, pid);
    this.#sample();
  }

  /** Peaks are those since now. */
  begin() {
    this.#peaks.clear();
    this.#sample();
  }

  /** The most anonymous memory that a process had since `begin`, in MiB. */
  peakMib(name) {
    this.#sample();
    return (this.#peaks.get(name) ?? Number.NaN) / 2 ** 10;
  }

  /** The most memory that a process ever had with what it has mapped of files, in MiB: `VmHWM`. */
  peakWithFilesMib(name) {
    return kibibytes(this.#pids.get(name), 'VmHWM') / 2 ** 10;
  }

  stop() {
    clearInterval(this.#timer);
  }

  #sample() {
    for (const [name, pid] of this.#pids) {
      const now = kibibytes(pid, 'RssAnon');
      if (now > (this.#peaks.get(name) ?? 0)) this.#peaks.set(name, now);
    }
  }
}

/** NaN where the process is gone. */
function kibibytes(pid, field) {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}
