import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from '../codec/codec.ts';
import { defineMachine } from '../define-machine.ts';
import { accept, command, effect, event, query, reject } from '../handlers.ts';
import type { CommandInput, CommandRejection, CommandReply, EventOf, QueryAnswer } from '../machine-types.ts';
import { MemorySpace } from '../space/memory-space.ts';
import { table, tables } from '../space/tables.ts';
import { given, testStateMachine } from '../testing/index.ts';
import { versionsOf } from '../versions-of.ts';
import { composeMachines } from './compose-machines.ts';

const accounts = defineMachine({
  name: 'accounts',
  version: 1,
  state: () => ({ cents: {} as Record<string, number> }),
  commands: {
    deposit: command(z.object({ owner: z.string(), cents: z.number() }), (state, { owner, cents }) =>
      accept({ cents: (state.cents[owner] ?? 0) + cents }, [event('deposited', { owner, cents })]),
    ),
  },
  events: {
    deposited: (state, { owner, cents }: { owner: string; cents: number }) => {
      state.cents[owner] = (state.cents[owner] ?? 0) + cents;
    },
    withdrawn: (state, { owner, cents }: { owner: string; cents: number }) => {
      state.cents[owner] = (state.cents[owner] ?? 0) - cents;
    },
  },
  queries: { balance: query(z.object({ owner: z.string() }), (state, { owner }) => state.cents[owner] ?? 0) },
});

const orders = defineMachine({
  name: 'orders',
  version: 1,
  state: () => 0,
  commands: {
    place: command(z.object({}), (_state, _input, ctx) => {
      ctx.schedule('pay', { at: ctx.now + 5, command: 'remind', input: {} });
      ctx.cancel('other');
      ctx.effect('mail', { to: 'x' }, { then: 'remind' });
      return [event('placed')];
    }),
    remind: command(z.object({}), (_state, _input, { timer }) => accept(timer)),
    refuse: command(z.object({}), () => reject('closed', 'we are closed', { until: 9 })),
    confuse: command(z.object({}), () => null as unknown as []),
  },
  events: { placed: (placed) => placed + 1 },
  queries: { count: query((placed) => placed) },
  effects: { mail: effect(z.object({ to: z.string() })) },
});

const shop = composeMachines({
  name: 'shop',
  version: 1,
  machines: { accounts, orders },
  commands: {
    buy: command(z.object({ owner: z.string(), cents: z.number() }), (state, { owner, cents }) => {
      const balance = state.accounts.cents[owner] ?? 0;
      if (balance < cents) return reject('too_little', 'not enough money', { balance });
      return accept(state.orders + 1, [event('accounts.withdrawn', { owner, cents }), event('orders.placed')]);
    }),
  },
  queries: { summary: query(({ accounts, orders }) => ({ owners: Object.keys(accounts.cents), orders })) },
});

const deposit = { type: 'accounts.deposit', input: { owner: 'ann', cents: 5 } } as const;

testStateMachine('shop', {
  create: () => shop.create(),
  commands: [
    deposit,
    { type: 'buy', input: { owner: 'ann', cents: 3 } },
    { type: 'buy', input: { owner: 'ann', cents: 3 } },
    { type: 'orders.place', input: {} },
  ],
  invalid: [{ type: 'accounts.deposit', input: { owner: 7 } }],
  queries: [
    { type: 'summary', input: undefined },
    { type: 'orders.count', input: undefined },
  ],
});

describe('a composed machine', () => {
  it('has the commands, events and queries of its parts under their names', () => {
    given(shop, [])
      .when(deposit)
      .then([event('accounts.deposited', { owner: 'ann', cents: 5 })])
      .thenReply({ cents: 5 });
    given(shop, []).when({ type: 'orders.refuse', input: {} }).thenRejected('closed', { until: 9 });
    given(shop, []).when({ type: 'orders.confuse', input: {} }).thenRejected('machine_defect');
    const machine = shop.create();
    machine.apply([{ index: 1, term: 1, time: 0, payload: encodeCommand(deposit) }]);
    expect(machine.query('accounts.balance', { owner: 'ann' })).toBe(5);
    expect(machine.query('summary', {})).toEqual({ owners: ['ann'], orders: 0 });
  });

  it('has commands that change several parts at once, or none', () => {
    given(shop, [event('accounts.deposited', { owner: 'ann', cents: 5 })])
      .when({ type: 'buy', input: { owner: 'ann', cents: 4 } })
      .then([event('accounts.withdrawn', { owner: 'ann', cents: 4 }), event('orders.placed')])
      .thenReply(1);
    given(shop, [])
      .when({ type: 'buy', input: { owner: 'ann', cents: 4 } })
      .thenRejected('too_little', { balance: 0 });
  });

  it('keeps the timers and effects of its parts apart', () => {
    given(shop, [])
      .when({ type: 'orders.place', input: {} })
      .thenScheduled([{ id: 'orders.pay', at: 5, command: 'orders.remind', input: {} }])
      .thenCancelled(['orders.other'])
      .thenEffects([{ type: 'orders.mail', data: { to: 'x' }, then: 'orders.remind' }]);
    const remind = { type: 'orders.remind', input: {} } as const;
    given(shop, [])
      .when(remind, { timer: { id: 'orders.pay', at: 5 } })
      .thenReply({ id: 'pay', at: 5 });
    given(shop, [])
      .when(remind, { timer: { id: 'whole', at: 5 } })
      .thenReply({ id: 'whole', at: 5 });
  });

  it('knows its types', () => {
    type Shop = typeof shop;
    const input: CommandInput<Shop, 'accounts.deposit'> = { owner: 'ann', cents: 5 };
    const reply: CommandReply<Shop, 'accounts.deposit'> = { cents: 5 };
    const number: Exclude<CommandReply<Shop, 'buy'>, undefined> = 1;
    const rejection: CommandRejection<Shop, 'orders.refuse'> = { code: 'closed', details: { until: 9 } };
    const happened: EventOf<Shop> = { type: 'accounts.deposited', data: { owner: 'ann', cents: 5 } };
    const answer: QueryAnswer<Shop, 'orders.count'> = 1;
    expect([input, reply, number, rejection, happened, answer]).toHaveLength(6);
    const base = { name: 'shop', version: 1, machines: { accounts, orders } };
    // @ts-expect-error no part has such an event
    composeMachines({ ...base, commands: { buy: command(z.object({}), () => [event('orders.gone')]) } });
    // @ts-expect-error the owner is a string
    composeMachines({ ...base, commands: { buy: command(z.object({}), () => [event('accounts.withdrawn', { owner: 1, cents: 1 })]) } });
  });
});

describe('a composition', () => {
  const inTables = defineMachine({
    name: 'tabled',
    version: 1,
    state: tables({ entries: table<number>() }),
    commands: { add: command(z.object({}), (_state, _input, { index }) => [event('added', index)]) },
    events: { added: (state, index: number) => state.entries.put('x', index) },
    queries: { value: query((state) => state.entries.get('x') ?? null) },
  });

  it('keeps tables side by side', () => {
    const pair = composeMachines({ name: 'pair', version: 1, machines: { a: inTables, b: inTables } });
    const space = new MemorySpace();
    const machine = pair.create(space);
    for (const [at, type] of ['a.add', 'b.add'].entries())
      machine.apply([{ index: at + 1, term: 1, time: 0, payload: encodeCommand({ type, input: {} }) }]);
    expect([machine.query('a.value', {}), machine.query('b.value', {})]).toEqual([1, 2]);
    const nested = composeMachines({ name: 'nested', version: 1, machines: { pair, c: inTables } });
    expect(nested.create().query('pair.a.value', {})).toBeNull();
    expect(pair.create(space).query('b.value', {})).toBe(2);
  });

  it.each<readonly [string, Partial<Record<string, unknown>>]>([
    ['parts in objects and parts in tables', { machines: { accounts, inTables } }],
    ['a part with a dot in its name', { machines: { 'a.b': accounts } }],
    ['a command with a dot in its name', { commands: { 'a.b': command(z.object({}), () => []) } }],
    ['a command of the name of a part', { commands: { accounts: command(z.object({}), () => []) } }],
    ['a query of the name of a part', { queries: { accounts: query(() => 1) } }],
    ['a previous version of another name', { version: 2, previous: composeMachines({ name: 'x', version: 1, machines: {} }) }],
  ])('is refused with %s', (_what, given) => {
    expect(() => composeMachines({ name: 'shop', version: 1, machines: { accounts }, ...given } as never)).toThrow(
      expect.objectContaining({ code: 'machine_defect' }),
    );
  });

  it('migrates its parts, begins new ones and forgets those left out', () => {
    const later = defineMachine({
      name: 'accounts',
      version: 2,
      previous: accounts,
      state: accounts.state,
      migrate: ({ cents }) => ({ cents: { ...cents, bank: 1 } }),
      upcast: { commands: { deposit: (input: object) => ({ type: 'deposit', input: { ...input, cents: 100 } }) } },
      commands: accounts.commands,
      events: accounts.events,
      queries: accounts.queries,
    });
    const next = composeMachines({ name: 'shop', version: 2, machines: { accounts: later, constructor: orders }, previous: shop });
    const versions = versionsOf(next);
    const old = versions.create(1);
    old.apply([{ index: 1, term: 1, time: 0, payload: encodeCommand(deposit) }]);
    const migrated = versions.migrate(old, 2);
    expect(migrated.query('accounts.balance', { owner: 'ann' })).toBe(5);
    expect(migrated.query('accounts.balance', { owner: 'bank' })).toBe(1);
    expect(migrated.query('constructor.count', {})).toBe(0);
    const upcast = versions.upcastCommand(encodeCommand(deposit), 1, 2);
    expect(migrated.decode(upcast)).toEqual({ type: 'accounts.deposit', input: { owner: 'ann', cents: 100 } });
    expect(() => composeMachines({ name: 'shop', version: 2, machines: { accounts: { ...later, version: 3 } }, previous: shop })).toThrow(
      expect.objectContaining({ code: 'machine_defect' }),
    );
  });
});
