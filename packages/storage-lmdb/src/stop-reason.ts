import type { StorageError } from '@flotilla/storage';

/** Why a storage must not be used any more, once that is so. */
export class StopReason {
  #error: StorageError | null = null;
  readonly #listeners: ((error: StorageError) => void)[] = [];

  /** Only the first reason counts. */
  stop(error: StorageError): void {
    if (this.#error) return;
    this.#error = error;
    for (const listener of this.#listeners) listener(error);
  }

  /** Calls `listener` once; at once where there is a reason already. It must not throw. */
  onStop(listener: (error: StorageError) => void): void {
    if (this.#error) listener(this.#error);
    else this.#listeners.push(listener);
  }
}
