import type { Appended, Clerk } from './clerk.ts';

/** What one clerk has appended to a key, in its order. */
export class Appends {
  readonly #clerk: Clerk;
  readonly #name: string;
  readonly key: string;
  readonly #pieces: { readonly text: string; readonly appended: Appended }[] = [];

  constructor(clerk: Clerk, name: string, key: string) {
    this.#clerk = clerk;
    this.#name = name;
    this.key = key;
  }

  get count(): number {
    return this.#pieces.length;
  }

  async append(): Promise<void> {
    const text = `x ${this.#name} ${this.#pieces.length} y`;
    this.#pieces.push({ text, appended: await this.#clerk.append(this.key, text) });
  }

  /**
   * Every acknowledged piece is there exactly once, in its order, and every other one at most once. Throws where that is not
   * so, whatever others have appended.
   */
  check(value: string): void {
    let last = -1;
    for (const { text, appended } of this.#pieces) {
      const [at, again] = [value.indexOf(text), value.lastIndexOf(text)];
      if (at !== again) throw new Error(`"${text}" is in the value twice: ${value}`);
      if (appended === 'unknown') continue;
      if (at === -1) throw new Error(`"${text}" was acknowledged and is not in the value: ${value}`);
      if (at < last) throw new Error(`"${text}" comes before what was acknowledged earlier: ${value}`);
      last = at;
    }
  }
}
