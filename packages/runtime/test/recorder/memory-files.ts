import type { RecordingFiles } from '@flotilla/runtime';

/** Files in memory, on a disk that can be made to wait or to fail. */
export class MemoryFiles implements RecordingFiles {
  readonly contents = new Map<string, string>();
  failure: Error | null = null;
  /** What every access waits for. */
  gate: Promise<void> = Promise.resolve();

  async replace(name: string, text: Iterable<string>): Promise<void> {
    await this.#access();
    this.contents.set(name, [...text].join(''));
  }

  async append(name: string, text: string): Promise<void> {
    await this.#access();
    this.contents.set(name, (this.contents.get(name) ?? '') + text);
  }

  async exists(name: string): Promise<boolean> {
    await this.#access();
    return this.contents.has(name);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#access();
    const text = this.contents.get(from);
    if (text === undefined) return;
    this.contents.delete(from);
    this.contents.set(to, text);
  }

  async #access(): Promise<void> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
  }
}
