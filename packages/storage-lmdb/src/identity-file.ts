import type { Term } from '@flotilla/core';
import { type StoredIdentity, writeIdentity } from './identity.ts';
import type { TermMark } from './lmdb-log-store.ts';

/** The `identity.json` of a directory that this process holds. One change is written after the other. */
export class IdentityFile implements TermMark {
  readonly #directory: string;
  #stored: StoredIdentity;
  /** What will be on disk once all changes under way are. */
  #next: StoredIdentity;
  #underWay: Promise<void> | null = null;

  constructor(directory: string, stored: StoredIdentity) {
    this.#directory = directory;
    this.#stored = stored;
    this.#next = stored;
  }

  /** As it is on disk. */
  get stored(): StoredIdentity {
    return this.#stored;
  }

  get highestTerm(): Term {
    return this.#next.highestTerm;
  }

  /** Resolves when the change is on disk for good, and all before it. A failed change fails all that follow. */
  change(change: Partial<StoredIdentity>): Promise<void> {
    this.#next = { ...this.#next, ...change };
    const before = this.#underWay ?? Promise.resolve();
    const written = before.then(async () => {
      // Of those that gathered meanwhile, the last one says it all: the others find it done.
      if (this.#stored !== this.#next) await this.#write();
    });
    this.#underWay = written;
    // Whoever asked handles the failure.
    written.then(
      () => {
        if (this.#underWay === written) this.#underWay = null;
      },
      () => {},
    );
    return written;
  }

  /** Also waits for the terms that others reached before, so that writes resolve in the order in which they happened. */
  raiseTerm(term: Term): Promise<void> {
    if (term > this.#next.highestTerm) return this.change({ highestTerm: term });
    return this.settled();
  }

  /** Resolves, or rejects, when no change is under way any more. */
  settled(): Promise<void> {
    return this.#underWay ?? Promise.resolve();
  }

  async #write(): Promise<void> {
    const identity = this.#next;
    await writeIdentity(this.#directory, identity);
    this.#stored = identity;
  }
}
