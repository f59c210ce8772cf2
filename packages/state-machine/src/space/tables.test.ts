import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand } from '../codec/codec.ts';
import { defineMachine } from '../define-machine.ts';
import { accept, command, event, query, reject } from '../handlers.ts';
import type { StateOf } from '../machine-types.ts';
import { given, testStateMachine } from '../testing/index.ts';
import { MemorySpace } from './memory-space.ts';
import { decodeSpaceSnapshot, encodeSpaceSnapshot } from './space-snapshot.ts';
import { table, tables } from './tables.ts';

interface Account {
  readonly owner: string;
  readonly cents: number;
}

const shape = tables({ accounts: table<Account, number>(), owned: table<true, readonly [owner: string, account: number]>() });

/** Accounts, and the list of each owner's: two tables that change together. */
const bank = defineMachine({
  name: 'bank',
  version: 1,
  state: shape,
  commands: {
    open: command(z.strictObject({ owner: z.string() }), (state, { owner }, { index }) => {
      if (state.accounts.get(index) !== undefined) return reject('exists', 'there is one already');
      return accept(index, [event('opened', { owner, account: index })]);
    }),
    move: command(z.strictObject({ from: z.int(), to: z.int(), cents: z.int() }), (state, input) => {
      if (state.accounts.get(input.from) === undefined || state.accounts.get(input.to) === undefined)
        return reject('unknown', 'no account');
      return [event('moved', input)];
    }),
    closeAll: command(z.strictObject({ owner: z.string() }), (_state, { owner }) => [event('closed', { owner })]),
    write: command(z.strictObject({}), (state) => {
      state.accounts.put(1, { owner: 'me', cents: 1_000_000 });
      return [];
    }),
    break: command(z.strictObject({}), () => [event('broken')]),
  },
  events: {
    opened: (state, { owner, account }: { owner: string; account: number }) => {
      state.accounts.put(account, { owner, cents: 0 });
      state.owned.put([owner, account], true);
    },
    moved: (state, { from, to, cents }: { from: number; to: number; cents: number }) => {
      for (const [account, more] of [
        [from, -cents],
        [to, cents],
      ] as const) {
        const found = state.accounts.get(account);
        if (found !== undefined) state.accounts.put(account, { ...found, cents: found.cents + more });
      }
    },
    closed: (state, { owner }: { owner: string }) => {
      for (const [[name, account]] of state.owned.range({ prefix: [owner] })) {
        state.owned.delete([name, account]);
        state.accounts.delete(account);
      }
    },
    broken: (state) => {
      state.accounts.put(99, { owner: 'nobody', cents: 1 });
      throw new Error('bang');
    },
  },
  queries: {
    all: query((state) => [...state.accounts.range()]),
    of: query(z.strictObject({ owner: z.string() }), (state, { owner }) =>
      [...state.owned.range({ prefix: [owner] })].map(([key]) => key[1]),
    ),
    writes: query((state) => state.accounts.delete(1)),
  },
});

const open = (owner: string) => ({ type: 'open' as const, input: { owner } });
const move = (from: number, to: number, cents: number) => ({ type: 'move' as const, input: { from, to, cents } });

testStateMachine('bank, of tables', {
  create: () => bank.create(),
  commands: [
    open('a'),
    open('b'),
    open('a'),
    move(1, 2, 5),
    move(3, 2, -7),
    move(1, 9, 5),
    { type: 'write', input: {} },
    { type: 'closeAll', input: { owner: 'a' } },
    open('\0'),
  ],
  invalid: [move(0.5, 1, 1)],
  queries: [
    { type: 'all', input: undefined },
    { type: 'of', input: { owner: 'a' } },
  ],
});

function applied(commands: readonly { readonly type: string; readonly input: unknown }[], space?: MemorySpace) {
  const machine = bank.create(space);
  const log = commands.map((each, position) => ({ index: position + 1, term: 1, time: 0, payload: encodeCommand(each) }));
  return { machine, outcomes: machine.apply(log) };
}

describe('a machine of tables', () => {
  it('can be specified by events', () => {
    given(bank, [event('opened', { owner: 'a', account: 1 })])
      .when(open('b'))
      .then([event('opened', { owner: 'b', account: 2 })])
      .thenReply(2);
    given(bank, []).when({ type: 'write', input: {} }).thenRejected('machine_defect');
  });

  it('has its tables in the space that it is given, and goes on with what that holds', () => {
    const space = new MemorySpace();
    const { machine } = applied([open('a'), open('b'), move(1, 2, 5)], space);
    expect(machine.space).toBe(space);
    const again = bank.create(space);
    expect(again.query('all', undefined)).toEqual([
      [1, { owner: 'a', cents: -5 }],
      [2, { owner: 'b', cents: 5 }],
    ]);
    expect(again.snapshot()).toEqual(machine.snapshot());
  });

  it('may delete what it iterates over', () => {
    const { machine } = applied([open('a'), open('b'), open('a'), { type: 'closeAll', input: { owner: 'a' } }]);
    expect(machine.query('of', { owner: 'a' })).toEqual([]);
    expect(machine.query('all', undefined)).toEqual([[2, { owner: 'b', cents: 0 }]]);
  });

  it('takes writes from event handlers only', () => {
    const { machine, outcomes } = applied([open('a'), { type: 'write', input: {} }]);
    expect(outcomes[1]).toMatchObject({ kind: 'rejected', code: 'machine_defect', message: expect.stringContaining('event handler') });
    expect(() => machine.query('writes', undefined)).toThrow(expect.objectContaining({ code: 'machine_defect' }));
    expect(machine.query('all', undefined)).toEqual([[1, { owner: 'a', cents: 0 }]]);
  });

  it('answers nothing any more once an event handler threw', () => {
    const { machine } = applied([open('a')]);
    const broken = { index: 2, term: 1, time: 0, payload: encodeCommand({ type: 'break', input: {} }) };
    expect(() => machine.apply([broken])).toThrow(expect.objectContaining({ code: 'machine_defect' }));
    expect(() => machine.snapshot()).toThrow(expect.objectContaining({ code: 'machine_defect' }));
  });

  it('refuses a name that is none for a table', () => {
    const parts = { name: 'm', version: 1, commands: {}, events: {}, queries: {} };
    expect(() => defineMachine({ ...parts, state: tables({ 'a\0b': table<string>() }) })).toThrow(/no name for a table/);
  });

  it('has typed keys and values', () => {
    const state: StateOf<typeof bank> = shape.over(new MemorySpace());
    // @ts-expect-error accounts are numbered
    expect(state.accounts.get('a')).toBeUndefined();
    // @ts-expect-error owners come first
    expect([...state.owned.range({ prefix: [1] })]).toEqual([]);
    // @ts-expect-error an account has cents
    const put = () => state.accounts.put(1, { owner: 'a' });
    expect(put).toBeTypeOf('function');
  });
});

describe('a range', () => {
  const { words, wordt } = tables({ words: table<number>(), wordt: table<number>() }).over(new MemorySpace());
  wordt.put('a', 0);
  for (const [n, word] of ['b', 'a/2', 'a', 'a/\uffff', 'a/😀', 'a0', 'c'].entries()) words.put(word, n);
  const keys = (range: Parameters<typeof words.range>[0]) => [...words.range(range)].map(([key]) => key);

  it('is in the order of code points, and within its bounds', () => {
    expect(keys({})).toEqual(['a', 'a/2', 'a/\uffff', 'a/😀', 'a0', 'b', 'c']);
    expect(keys({ prefix: 'a/' })).toEqual(['a/2', 'a/\uffff', 'a/😀']);
    expect(keys({ prefix: 'a/', after: 'a/2' })).toEqual(['a/\uffff', 'a/😀']);
    expect(keys({ prefix: 'a/', after: 'a', to: 'a/😀' })).toEqual(['a/2', 'a/\uffff']);
    expect(keys({ from: 'a/3', reverse: true })).toEqual(['c', 'b', 'a0', 'a/😀', 'a/\uffff']);
    expect(keys({ after: 'c' })).toEqual([]);
    expect(keys({ from: 'b', to: 'a' })).toEqual([]);
  });
});

describe('a snapshot in parts', () => {
  const owner = { name: 'm', version: 2 };
  const pairs = Array.from({ length: 3000 }, (_, n) => [Uint8Array.of(1, n >> 8, n), new Uint8Array(n % 90).fill(n)] as const);
  const whole = () => Buffer.concat([...encodeSpaceSnapshot(owner, pairs)]);

  async function* cut(bytes: Uint8Array, length: number) {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  }

  async function read(parts: AsyncIterable<Uint8Array>, of = { name: 'm', versions: { oldest: 1, newest: 2 } }) {
    const found = [];
    for await (const some of decodeSpaceSnapshot(of, parts)) found.push(...some.map((pair) => pair.map((bytes) => Uint8Array.from(bytes))));
    return found;
  }

  it('is read back, wherever it is cut', async () => {
    for (const length of [1, 7, 65_536, 1_000_000]) expect(await read(cut(whole(), length))).toEqual(pairs);
    const large = [[Uint8Array.of(1), new Uint8Array(200_000)]] as const;
    expect(await read(cut(Buffer.concat([...encodeSpaceSnapshot(owner, large)]), 5000))).toEqual(large);
    expect(await read(cut(Buffer.concat([...encodeSpaceSnapshot(owner, [])]), 3))).toEqual([]);
  });

  it('is refused where it is not whole, or of another machine', async () => {
    const bytes = whole();
    const disordered = Buffer.concat([...encodeSpaceSnapshot(owner, [...pairs].reverse())]);
    for (const bad of [bytes.subarray(0, -4), bytes.subarray(0, 5), bytes.subarray(1), Buffer.concat([bytes, Buffer.of(0)]), disordered])
      await expect(read(cut(bad, 1000))).rejects.toMatchObject({ code: 'malformed_payload' });
    for (const version of [1, 3])
      await expect(read(cut(bytes, 1000), { name: 'm', versions: { oldest: version, newest: version } })).rejects.toMatchObject({
        code: 'machine_version_unsupported',
      });
    await expect(read(cut(bytes, 1000), { name: 'n', versions: { oldest: 2, newest: 2 } })).rejects.toMatchObject({
      code: 'snapshot_of_another_machine',
    });
  });
});
