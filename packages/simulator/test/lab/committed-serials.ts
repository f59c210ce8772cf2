import type { Index } from '@flotilla/core';
import type { AppliedLog } from '../../src/judge/applied-log.ts';

/** Which commands have been committed, as far as any server has applied them, each known by its serial. */
export class CommittedSerials {
  readonly #log: AppliedLog;
  readonly #serialIn: (payload: Uint8Array) => number | null;
  readonly #byIndex = new Map<Index, number>();
  #read = 0;

  constructor(log: AppliedLog, serialIn: (payload: Uint8Array) => number | null) {
    this.#log = log;
    this.#serialIn = serialIn;
  }

  get lastIndex(): Index {
    return this.#log.commands.at(-1)?.index ?? 0;
  }

  /** Null where no command has been committed at `index`. */
  at(index: Index): number | null {
    this.#readOn();
    return this.#byIndex.get(index) ?? null;
  }

  #readOn(): void {
    const { commands } = this.#log;
    for (; this.#read < commands.length; this.#read++) {
      const command = commands[this.#read];
      const serial = command && this.#serialIn(command.command);
      if (command && typeof serial === 'number') this.#byIndex.set(command.index, serial);
    }
  }
}
