import { accept, command, defineMachine, event, query, reject } from '@flotilla/state-machine';

interface Stored {
  readonly value: string;
  /** The log index of the last change. */
  readonly revision: number;
}

interface State {
  readonly entries: Map<string, Stored>;
}

/** A schema that takes everything: the simulator's own calls are well formed, and checking them would cost the most. */
function trusted<T>() {
  return { '~standard': { version: 1, vendor: 'flotilla', validate: (value: unknown) => ({ value: value as T }) } } as const;
}

interface Put {
  readonly key: string;
  readonly value: string;
  /** Unique among all writes of a run, so that each can be told from the others in the log. */
  readonly serial: number;
}

interface CompareAndSet extends Put {
  /** The value that is there; null where there must be none. */
  readonly expected: string | null;
}

/** What the campaigns run: keys with strings, written, appended to, compared and deleted. */
export const registers = defineMachine({
  name: 'registers',
  version: 1,
  state: (): State => ({ entries: new Map() }),
  commands: {
    put: command(trusted<Put>(), (_state, { key, value }, { index }) => accept(index, [event('stored', { key, value })])),
    append: command(trusted<Put>(), (state, { key, value }, { index }) =>
      accept(index, [event('stored', { key, value: (state.entries.get(key)?.value ?? '') + value })]),
    ),
    compareAndSet: command(trusted<CompareAndSet>(), (state, { key, value, expected }, { index }) => {
      const found = state.entries.get(key)?.value ?? null;
      if (found !== expected) return reject('mismatch', 'the value is another one', found);
      return accept(index, [event('stored', { key, value })]);
    }),
    remove: command(trusted<Omit<Put, 'value'>>(), (state, { key }, { index }) =>
      accept(index, state.entries.has(key) ? [event('removed', { key })] : []),
    ),
  },
  events: {
    stored: (state, { key, value }: { key: string; value: string }, { index }) => {
      state.entries.set(key, { value, revision: index });
    },
    removed: (state, { key }: { key: string }) => {
      state.entries.delete(key);
    },
  },
  queries: {
    get: query(trusted<{ readonly key: string }>(), (state, { key }) => state.entries.get(key)?.value ?? null),
  },
});
