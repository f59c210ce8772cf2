import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';

// A schema by hand: this package needs no validation library, not even for its tests.
const types = undefined as { readonly input: number; readonly output: number } | undefined;
const number = { '~standard': { version: 1 as const, vendor: 'test', types, validate: (value: unknown) => ({ value: value as number }) } };

export const sum = defineMachine({
  name: 'sum',
  version: 1,
  state: () => 0,
  commands: { add: command(number, (total, n) => accept(total + n, [event('added', { n })])) },
  events: { added: (total, { n }: { n: number }) => total + n },
  queries: { total: query((total) => total) },
});
