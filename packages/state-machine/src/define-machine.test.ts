import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encodeCommand, encodeValue } from './codec/codec.ts';
import type { StateMachine } from './contract.ts';
import { defineMachine } from './define-machine.ts';
import { accept, command, effect, event, query, reject } from './handlers.ts';
import type { CommandInput, CommandReply, EventOf, QueryAnswer, QueryInput, StateOf } from './machine-types.ts';
import { given, testStateMachine } from './testing/index.ts';

const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { increment: command(z.object({ by: z.number().int() }), (_state, { by }) => [event('incremented', { by })]) },
  events: {
    incremented: (state, { by }) => {
      state.n += by;
    },
  },
  queries: { value: query((state) => state.n) },
});

interface Note {
  readonly id: string;
  readonly at: Date;
  tags: string[];
}

/** Every feature once: replies, rejections, several events, draws, replaced state, all kinds of values. */
const notes = defineMachine({
  name: 'notes',
  version: 3,
  state: () => ({ notes: new Map<string, Note>(), seen: new Set<string>(), draws: [] as number[] }),
  commands: {
    add: command(z.object({ text: z.string().min(1), tags: z.array(z.string()) }), (state, { text, tags }, ctx) => {
      if (state.notes.has(text)) return reject('exists', `there is a note "${text}"`, { text });
      const id = ctx.uuid();
      return accept({ id, at: ctx.now }, [event('added', { text, id, at: new Date(ctx.now), tags }), event('drawn', ctx.random())]);
    }),
    // Hands the state itself to the outside, which must copy it.
    leak: command(z.object({}), (state) => accept(state.notes, [event('leaked', state.notes)])),
    clear: command(z.object({}), () => [event('cleared')]),
    explode: command(z.object({}), (): [] => {
      throw new Error('bang');
    }),
    nothing: command(z.object({}), () => undefined as unknown as []),
    unhandled: command(z.object({}), () => [{ type: String('nobody'), data: 1 }]),
    unencodable: command(z.object({}), () => [event('drawn', (() => 1) as unknown as number)]),
  },
  events: {
    added: (state, { text, id, at, tags }) => {
      state.notes.set(text, { id, at, tags });
      state.seen.add(text);
    },
    drawn: (state, fraction: number) => ({ ...state, draws: [...state.draws, fraction] }),
    leaked: (state, all: Map<string, Note>) => {
      for (const note of all.values()) note.tags.push('leaked');
      for (const note of state.notes.values()) note.tags = [...note.tags, `of ${all.size}`];
    },
    cleared: (state) => {
      state.notes.clear();
    },
  },
  queries: {
    all: query((state) => state.notes),
    note: query(z.object({ text: z.string() }), (state, { text }) => state.notes.get(text) ?? null),
    broken: query(() => {
      throw new Error('no answer');
    }),
  },
});

testStateMachine('counter', {
  create: () => counter.create(),
  commands: [1, 2, -5, 0].map((by) => ({ type: 'increment', input: { by } })),
  invalid: [{ type: 'increment', input: { by: 'one' } }],
  queries: [{ type: 'value', input: undefined }],
});

const addition = (text: string) => ({ type: 'add' as const, input: { text, tags: ['new'] } });
testStateMachine('notes', {
  create: () => notes.create(),
  commands: [
    addition('a'),
    addition('b'),
    addition('a'),
    ...['leak', 'explode', 'nothing', 'unhandled', 'clear'].map((type) => ({ type, input: {} })),
    addition('a'),
  ],
  invalid: [
    { type: 'add', input: null },
    { type: 'add', input: { text: '', tags: [] } },
  ],
  queries: [
    { type: 'all', input: undefined },
    { type: 'note', input: { text: 'a' } },
  ],
});

async function applyTo(machine: StateMachine, index: number, type: string, input: unknown) {
  const [outcome] = machine.apply([{ index, term: 2, time: 5000, payload: await machine.encode({ type, input }) }]);
  return outcome;
}

describe('types', () => {
  it('are inferred for state, inputs, replies, events and answers', () => {
    type Notes = typeof notes;
    const state: StateOf<typeof counter> = { n: 1 };
    const input: CommandInput<Notes, 'add'> = { text: 'a', tags: [] };
    const reply: Exclude<CommandReply<Notes, 'add'>, undefined> = { id: 'x', at: 1 };
    const none: CommandReply<Notes, 'clear'> = undefined;
    const incremented: EventOf<typeof counter> = { type: 'incremented', data: { by: 1 } };
    const answer: QueryAnswer<typeof counter, 'value'> = 1;
    const asked: QueryInput<Notes, 'note'> = { text: 'a' };
    expect([state, input, reply, none, incremented, answer, asked]).toHaveLength(7);
    // @ts-expect-error the data of the event is known
    const wrong: EventOf<typeof counter> = { type: 'incremented', data: { by: 'one' } };
    // @ts-expect-error so is its type
    const unknown: EventOf<typeof counter> = { type: 'decremented', data: { by: 1 } };
    expect([wrong, unknown]).toHaveLength(2);
  });

  it('report an event without a handler and a handler for other data', () => {
    const commands = { go: command(z.object({}), () => [event('gone', { to: 'x' })]) };
    const base = { name: 'm', version: 1, state: () => ({}), commands, queries: {} };
    // @ts-expect-error nobody handles `gone`
    defineMachine({ ...base, events: {} });
    // @ts-expect-error `to` is a string
    defineMachine({ ...base, events: { gone: (_state, { to: _ }: { to: number }) => {} } });
    defineMachine({ ...base, events: { gone: (_state, { to: _ }: { to: string }) => {} } });
  });
});

describe('encode', () => {
  const machine = notes.create();

  it('names the path of what is wrong', async () => {
    await expect(machine.encode({ type: 'add', input: { text: 'a', tags: ['x', 7] } })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('tags[1]'),
      issues: [{ path: 'tags[1]' }],
    });
  });

  it.each(['nope', 'toString', '__proto__', 'constructor'])('knows no command %s', async (type) => {
    await expect(machine.encode({ type, input: {} })).rejects.toMatchObject({ code: 'unknown_command' });
    expect(() => machine.query(type, {})).toThrow(expect.objectContaining({ code: 'unknown_query' }));
    const [outcome] = machine.apply([{ index: 1, term: 1, time: 0, payload: encodeCommand({ type, input: {} }) }]);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'unknown_command' });
  });

  it('refuses input that the schema takes but the codec cannot carry', async () => {
    const any = defineMachine({
      name: 'any',
      version: 1,
      state: () => 0,
      commands: { take: command(z.any(), () => []) },
      events: {},
      queries: {},
    });
    await expect(any.create().encode({ type: 'take', input: () => 1 })).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('apply', () => {
  it('rejects where a handler throws, returns nothing of use, or causes what nobody handles', async () => {
    const machine = notes.create();
    const before = machine.snapshot();
    expect(await applyTo(machine, 1, 'explode', {})).toEqual({
      kind: 'rejected',
      code: 'machine_defect',
      message: 'bang',
      details: undefined,
    });
    for (const type of ['nothing', 'unhandled', 'unencodable'])
      expect(await applyTo(machine, 1, type, {})).toMatchObject({ kind: 'rejected', code: 'machine_defect' });
    expect(machine.snapshot()).toEqual(before);
  });

  it('stops for good where an event handler throws', async () => {
    const fragile = defineMachine({
      name: 'fragile',
      version: 1,
      state: () => ({ n: 0 }),
      commands: { fall: command(z.object({}), () => [event('fallen')]) },
      events: {
        fallen: (state) => {
          state.n = 1;
          throw new Error('half way');
        },
      },
      queries: { n: query((state) => state.n) },
    });
    const machine = fragile.create();
    const fresh = machine.snapshot();
    await expect(applyTo(machine, 1, 'fall', {})).rejects.toMatchObject({
      code: 'machine_defect',
      message: expect.stringContaining('half way'),
    });
    expect(() => machine.query('n', undefined)).toThrow(expect.objectContaining({ code: 'machine_defect' }));
    expect(() => machine.snapshot()).toThrow(expect.objectContaining({ code: 'machine_defect' }));
    machine.restore(fresh);
    expect(machine.query('n', undefined)).toBe(0);
  });

  it('draws the same on every replica and something else at every index and term', async () => {
    const drawn = async (index: number, term: number) => {
      const machine = notes.create();
      const payload = await machine.encode(addition('a'));
      return machine.apply([{ index, term, time: 0, payload }])[0];
    };
    const outcome = await drawn(7, 2);
    expect(outcome).toMatchObject({
      reply: { id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/) },
    });
    expect(await drawn(7, 2)).toEqual(outcome);
    for (const [index, term] of [
      [8, 2],
      [7, 3],
      [7 + 2 ** 32, 2],
    ] as const)
      expect(await drawn(index, term)).not.toEqual(outcome);
  });
});

describe('query', () => {
  const machine = notes.create();

  it('checks its input and says what failed', () => {
    expect(() => machine.query('note', { text: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid_input', message: expect.stringContaining('text') }),
    );
    expect(() => machine.query('all', { text: 1 })).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => machine.query('broken', null)).toThrow(
      expect.objectContaining({ code: 'machine_defect', message: expect.stringContaining('no answer') }),
    );
    expect(machine.query('all', {})).toEqual(new Map());
  });
});

describe('a definition', () => {
  const base = { name: 'm', version: 1, state: () => ({}), commands: {}, events: {}, queries: {} };
  const noop = command(z.object({}), () => []);

  it.each([
    ['a name with a space', { ...base, name: 'a b' }],
    ['version zero', { ...base, version: 0 }],
    ['a command called then', { ...base, commands: Object.fromEntries([['then', noop]]) }],
    ['a command called $events', { ...base, commands: { $events: noop } }],
    ['a command and a query of one name', { ...base, commands: { a: noop }, queries: { a: query(() => 1) } }],
  ])('is refused with %s', (_what, specification) => {
    expect(() => defineMachine(specification as typeof base)).toThrow(expect.objectContaining({ code: 'machine_defect' }));
  });

  it('refuses the snapshot of another machine or version', () => {
    const foreign = expect.objectContaining({ code: 'snapshot_of_another_machine' });
    const unsupported = expect.objectContaining({ code: 'machine_version_unsupported' });
    for (const version of [2, 4]) expect(() => notes.create().restore(encodeValue([1, 'notes', version, {}]))).toThrow(unsupported);
    expect(() => notes.create().restore(counter.create().snapshot())).toThrow(foreign);
  });
});

describe('given, when, then', () => {
  it('reads as a specification', () => {
    given(counter, [event('incremented', { by: 1 })])
      .when({ type: 'increment', input: { by: 2 } })
      .then([event('incremented', { by: 2 })]);
    given(notes, [])
      .when({ type: 'clear', input: {} })
      .then([event('cleared')])
      .thenReply(undefined);
    given(notes, [event('added', { text: 'a', id: '1', at: new Date(0), tags: [] })])
      .when(addition('a'))
      .thenRejected('exists', { text: 'a' });
  });

  it('names timers and effects as well', () => {
    const reminders = defineMachine({
      name: 'reminders',
      version: 1,
      state: () => 0,
      commands: {
        remind: command(z.object({ in: z.number() }), (_state, { in: ms }, ctx) => {
          ctx.schedule('r', { at: ctx.now + ms, command: 'ring', input: {} });
          ctx.cancel('old');
          return [];
        }),
        ring: command(z.object({}), (_state, _input, ctx) => {
          ctx.effect('ring', { timer: ctx.timer?.id, session: ctx.session }, { then: 'remind' });
          return [];
        }),
      },
      events: {},
      queries: {},
      effects: { ring: effect(z.unknown()) },
    });
    given(reminders, [])
      .when({ type: 'remind', input: { in: 7 } }, { now: 10 })
      .thenScheduled([{ id: 'r', at: 17, command: 'ring', input: {} }])
      .thenCancelled(['old'])
      .thenEffects([])
      .then([]);
    given(reminders, [])
      .when({ type: 'ring', input: {} }, { timer: { id: 'r', at: 17 }, session: 3 })
      .thenEffects([{ type: 'ring', data: { timer: 'r', session: 3 }, then: 'remind' }]);
  });

  it('fails where a handler asks the clock', () => {
    const late = defineMachine({ ...counter, queries: {}, commands: { go: command(z.object({}), () => accept(Date.now())) } } as never);
    expect(() => given(late, []).when({ type: 'go', input: {} } as never)).toThrow(expect.objectContaining({ code: 'nondeterministic' }));
    expect(Date.now()).toBeGreaterThan(0);
  });

  it('fails where something else came of it', () => {
    const counted = given(counter, []).when({ type: 'increment', input: { by: 2 } });
    expect(() => counted.then([])).toThrow('events of "increment"');
    expect(() => counted.thenReply(1)).toThrow('reply of "increment"');
    expect(() => counted.thenRejected('exists')).toThrow('outcome of "increment"');
    expect(() => given(notes, []).when({ type: 'explode', input: {} }).then([])).toThrow('outcome of "explode"');
  });

  it('fails where deciding changes the state', () => {
    const careless = defineMachine({
      name: 'careless',
      version: 1,
      state: () => ({ n: 0 }),
      commands: {
        go: command(z.object({}), (state) => {
          state.n++;
          return [];
        }),
      },
      events: {},
      queries: {},
    });
    expect(() => given(careless, []).when({ type: 'go', input: {} })).toThrow('changed the state');
  });
});
