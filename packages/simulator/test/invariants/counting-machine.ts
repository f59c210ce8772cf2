import { accept, command, decodeCommand, defineMachine, event, query } from '@flotilla/state-machine';
import type { Serial } from '../../src/oracle/serial.ts';

interface Put {
  readonly key: number;
  readonly serial: Serial;
}

/** Takes everything: the tests' own calls are well formed. */
const put = { '~standard': { version: 1, vendor: 'flotilla', validate: (value: unknown) => ({ value: value as Put }) } } as const;

/** Keeps the last serial of each key, and how many there were. */
export const countingMachine = defineMachine({
  name: 'counting',
  version: 1,
  state: () => ({ last: new Map<number, Serial>(), count: 0 }),
  commands: { put: command(put, (state, { key, serial }) => accept(state.count, [event('put', { key, serial })])) },
  events: {
    put: (state, { key, serial }: Put) => {
      state.last.set(key, serial);
      state.count++;
    },
  },
  queries: { count: query((state) => state.count) },
});

export function serialIn(payload: Uint8Array): Serial | null {
  const { input } = decodeCommand(payload);
  return (input as Put).serial;
}
