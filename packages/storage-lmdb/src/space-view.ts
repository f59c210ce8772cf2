import type { Index } from '@flotilla/core';
import type { KeyRange, KeyValue } from '@flotilla/state-machine';
import { type StateView, viewClosed } from '@flotilla/storage';
import type { Transaction } from 'lmdb';
import type { SpaceReader } from './space-reader.ts';

/** A {@link StateView} on a read transaction. It closes itself when it gets too old, for it keeps pages from being used again. */
export class SpaceView implements StateView {
  readonly index: Index;
  readonly #reader: SpaceReader;
  readonly #transaction: Transaction;
  readonly #onClosed: (view: SpaceView) => void;
  readonly #timer: NodeJS.Timeout;
  /** Their cursors have to be closed before the transaction, and whoever iterates may never come back. */
  readonly #iterators = new Set<Generator<KeyValue, void, void>>();
  #closed = false;

  constructor(index: Index, reader: SpaceReader, transaction: Transaction, lifeMsMax: number, onClosed: (view: SpaceView) => void) {
    this.index = index;
    this.#reader = reader;
    this.#transaction = transaction;
    this.#onClosed = onClosed;
    this.#timer = setTimeout(() => this.close(), lifeMsMax).unref();
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#closed) throw viewClosed();
    return this.#reader.get(key);
  }

  *range(range?: KeyRange): Generator<KeyValue, void, void> {
    if (this.#closed) throw viewClosed();
    const found = this.#reader.range(range);
    this.#iterators.add(found);
    try {
      for (let next = found.next(); !next.done; next = found.next()) {
        yield next.value;
        if (this.#closed) throw viewClosed();
      }
    } finally {
      this.#iterators.delete(found);
      found.return();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const each of this.#iterators) each.return();
    this.#transaction.done();
    this.#onClosed(this);
  }
}
