import { accept, command, defineMachine, event, query, reject, type Table, table, tables } from '@flotilla/state-machine';
import { z } from 'zod';
import { expectedRevision, key, listing, value } from './schemas.ts';

/** What is stored under a key. */
export interface Stored {
  readonly value: Uint8Array;
  /** The log index of the last put of this key. */
  readonly revision: number;
}

/** An entry as reads give it. */
export interface Entry extends Stored {
  readonly key: string;
}

interface State {
  readonly entries: Table<Stored>;
}

/** A key-value store with revisions. Both commands can be made conditional: that is compare-and-set. */
export const kv = defineMachine({
  name: 'kv',
  version: 1,
  state: tables({ entries: table<Stored>() }),

  commands: {
    put: command(z.strictObject({ key, value, expectedRevision }), (state, { key, value, expectedRevision }, ctx) => {
      const current = revisionOf(state, key);
      if (expectedRevision !== undefined && expectedRevision !== current) return mismatch(key, current);
      return accept({ key, revision: ctx.index, created: current === 0 }, [event('put', { key, value })]);
    }),

    delete: command(z.strictObject({ key, expectedRevision }), (state, { key, expectedRevision }, ctx) => {
      const current = revisionOf(state, key);
      if (expectedRevision !== undefined && expectedRevision !== current) return mismatch(key, current);
      const deleted = current !== 0;
      return accept({ key, revision: ctx.index, deleted }, deleted ? [event('deleted', { key })] : []);
    }),
  },

  events: {
    put: (state, { key, value }: { key: string; value: Uint8Array }, { index }) => {
      state.entries.put(key, { value, revision: index });
    },
    deleted: (state, { key }: { key: string }) => {
      state.entries.delete(key);
    },
  },

  queries: {
    get: query(z.strictObject({ key }), (state, { key }): Entry | null => {
      const stored = state.entries.get(key);
      return stored === undefined ? null : { key, ...stored };
    }),
    list: query(listing, list),
  },
});

/** 0 where the key does not exist: no entry has that index. */
function revisionOf(state: State, key: string): number {
  return state.entries.get(key)?.revision ?? 0;
}

function mismatch(key: string, revision: number) {
  const found = revision === 0 ? 'the key does not exist' : `the key has revision ${revision}`;
  return reject('revision_mismatch', found, { key, revision });
}

/** One page of a listing. */
export interface Page {
  readonly entries: readonly Entry[];
  /** What to pass as `after` for the next page; null at the end. */
  readonly next: string | null;
}

/** Costs the page that it returns, however many keys there are. */
function list(state: State, { prefix, after, limit, bytesMax }: z.output<typeof listing>): Page {
  const entries: Entry[] = [];
  let bytes = 0;
  for (const [key, stored] of state.entries.range({ prefix, after })) {
    bytes += stored.value.length;
    if (entries.length === limit || (entries.length > 0 && bytes > bytesMax)) return { entries, next: entries.at(-1)?.key ?? null };
    entries.push({ key, ...stored });
  }
  return { entries, next: null };
}
