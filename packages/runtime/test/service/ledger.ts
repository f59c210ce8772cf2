import { accept, command, defineMachine, type EffectOutcome, effect, event, query, table, tables } from '@flotilla/state-machine';

/** Takes whatever comes for a `T`. */
function takes<T>() {
  return { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as T }) } } as const;
}

const commands = {
  add: command(takes<number>(), (_state: unknown, by, { session }) => accept({ by, session }, [event('added', by)])),
  remind: command(takes<{ at: number }>(), (_state: unknown, { at }, ctx) => {
    ctx.schedule('tea', { at, command: 'ring', input: null });
    return [];
  }),
  ring: command(takes<null>(), (_state: unknown, _input, { timer, now }) => [
    event('rang', { at: timer?.at, late: now - (timer?.at ?? 0) }),
  ]),
  mail: command(takes<string>(), (_state: unknown, to, ctx) => {
    ctx.effect('mail', to, { then: 'mailed' });
    return [];
  }),
  mailed: command(takes<EffectOutcome>(), (_state: unknown, outcome) => [event('mailed', outcome.ok ? outcome.result : outcome.reason)]),
};

const effects = { mail: effect(takes<string>()) };

/** A number to add to, with something to be reminded of and mail to be sent; in memory. */
export const ledger = defineMachine({
  name: 'ledger',
  version: 1,
  state: () => ({ total: 0 }),
  commands,
  effects,
  events: {
    added: (state, by: number) => {
      state.total += by;
    },
    rang: () => {},
    mailed: () => {},
  },
  queries: { total: query((state) => state.total) },
});

/** The same, which also counts what it adds from here on. */
export const countingLedger = defineMachine({
  ...ledger,
  version: 2,
  previous: ledger,
  state: () => ({ total: 0, count: 0 }),
  migrate: ({ total }: { total: number }) => ({ total, count: 0 }),
  events: {
    added: (state, by: number) => {
      state.total += by;
      state.count++;
    },
    rang: () => {},
    mailed: () => {},
  },
  queries: { total: query((state) => state.total), count: query((state) => state.count) },
});

/** The same as the first, with another word for what happens. */
export const renamingLedger = defineMachine({
  ...ledger,
  version: 2,
  previous: ledger,
  migrate: (state: { total: number }) => state,
  commands: { ...commands, add: command(takes<number>(), (_state: unknown, by) => [event('increased', { by })]) },
  upcast: { events: { added: (by) => ({ type: 'increased', data: { by } }) } },
  events: {
    increased: (state, { by }: { by: number }) => {
      state.total += by;
    },
    rang: () => {},
    mailed: () => {},
  },
});

/** The same as the first, in tables. */
export const tableLedger = defineMachine({
  name: 'ledger',
  version: 1,
  state: tables({ totals: table<number>() }),
  commands,
  effects,
  events: {
    added: (state, by: number) => state.totals.put('total', (state.totals.get('total') ?? 0) + by),
    rang: () => {},
    mailed: () => {},
  },
  queries: { total: query((state) => state.totals.get('total') ?? 0) },
});
