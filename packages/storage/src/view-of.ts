import type { Index } from '@flotilla/core';
import type { StateReader } from '@flotilla/state-machine';
import type { StateView } from './state-store.ts';
import { viewClosed } from './storage-error.ts';

/** A view of what `reader` reads, which never changes. */
export function viewOf(index: Index, reader: StateReader): StateView {
  let isOpen = true;
  const open = () => {
    if (isOpen) return reader;
    throw viewClosed();
  };
  return {
    index,
    get: (key) => open().get(key),
    range: (range) => open().range(range),
    close() {
      isOpen = false;
    },
  };
}
