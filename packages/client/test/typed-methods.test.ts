import { type Answer, type Channel, type ChannelRequest, ClientError, CommandRejected, connect } from '@flotilla/client';
import { accept, command, composeMachines, decodeValue, defineMachine, event, query, reject } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';

/** A schema by hand: this package needs no validation library, not even for its tests. */
function schema<T>() {
  const types = undefined as { readonly input: T; readonly output: T } | undefined;
  return { '~standard': { version: 1 as const, vendor: 'test', types, validate: (value: unknown) => ({ value: value as T }) } };
}

const accounts = defineMachine({
  name: 'accounts',
  version: 1,
  state: () => ({ cents: 0 }),
  commands: {
    deposit: command(schema<{ cents: number }>(), ({ cents: before }, { cents }) =>
      accept(before + cents, [event('deposited', { cents })]),
    ),
    withdraw: command(schema<{ cents: number }>(), (state, { cents }) => {
      if (cents < 0) return reject('negative', 'give a positive amount');
      if (cents > state.cents) return reject('too_little', 'there is not enough', { missing: cents - state.cents });
      return accept({ left: state.cents - cents }, [event('deposited', { cents: -cents })]);
    }),
  },
  events: {
    deposited: (state, { cents }: { cents: number }) => {
      state.cents += cents;
    },
  },
  queries: {
    balance: query(({ cents }) => cents),
    affords: query(schema<{ cents: number }>(), (state, { cents }) => state.cents >= cents),
  },
});

const shop = composeMachines({
  name: 'shop',
  version: 1,
  machines: { accounts },
  commands: { open: command(schema<{ owner: string }>(), (_state, { owner }) => accept({ owner })) },
});

/** A client of a member that answers as it is told, and what the member was asked. */
function client(answer: (request: ChannelRequest) => Answer | Error) {
  const asked: unknown[] = [];
  const channel: Channel = {
    async call(_endpoint, request) {
      if (request.kind === 'command' || request.kind === 'query')
        asked.push([request.kind, request.name, request.input && decodeValue(request.input)]);
      const answered = answer(request);
      if (answered instanceof Error) throw answered;
      return answered;
    },
  };
  return { asked, channel, options: { channel, membersIntervalMs: 0, session: false } as const };
}

describe('$try', () => {
  const refusing = (code: string, details: unknown) => () => new CommandRejected(code, 'no', 'h', { status: 409, details, index: 4 });
  const answered = (answer: () => Answer | Error) => connect(accounts, ['a'], client(answer).options);

  it('returns the reply', async () => {
    const result = await answered(() => ({ index: 3, term: 2, reply: { left: 5 } })).$try('withdraw', { cents: 1 });
    expect(result).toEqual({ ok: true, index: 3, term: 2, reply: { left: 5 } });
    const left: number | null = result.ok ? result.reply.left : null;
    expect(left).toBe(5);
  });

  it('returns a refusal that the command names, with the type of its details', async () => {
    const result = await answered(refusing('too_little', { missing: 7 })).$try('withdraw', { cents: 12 });
    if (result.ok) throw new Error('it was refused');
    const missing: number = result.code === 'too_little' ? result.details.missing : 0;
    expect(missing).toBe(7);
    expect(result).toEqual({ ok: false, code: 'too_little', message: 'no', details: { missing: 7 }, index: 4 });
    // @ts-expect-error the command does not name it
    expect(result.code === 'closed').toBe(false);
  });

  it('throws everything else', async () => {
    const defect = answered(refusing('machine_defect', null)).$try('withdraw', { cents: 1 });
    await expect(defect).rejects.toMatchObject({ name: 'CommandRejected', code: 'machine_defect' });
    const lost = new ClientError('connection_lost', 'unknown', 'lost', 'Look.');
    await expect(answered(() => lost).$try('withdraw', { cents: 1 })).rejects.toBe(lost);
  });
});

describe('the methods of a composed machine', () => {
  it('are those of its parts, by the names of these', async () => {
    const { asked, options } = client(({ kind }) => (kind === 'query' ? { index: 1, result: true } : { index: 1, term: 1, reply: 8 }));
    const c = connect(shop, ['a'], options);
    const balance: number = await c.accounts.deposit({ cents: 8 });
    const affords: boolean = await c.accounts.affords({ cents: 3 });
    await c.accounts.balance({ consistency: 'stale' });
    await c.open({ owner: 'ann' });
    await c.$execute('accounts.deposit', { cents: 9 });
    expect([balance, affords]).toEqual([8, true]);
    expect(asked).toEqual([
      ['command', 'accounts.deposit', { cents: 8 }],
      ['query', 'accounts.affords', { cents: 3 }],
      ['query', 'accounts.balance', null],
      ['command', 'open', { owner: 'ann' }],
      ['command', 'accounts.deposit', { cents: 9 }],
    ]);
    // @ts-expect-error the input is checked
    void (() => c.accounts.deposit({ cents: 'many' }));
    // @ts-expect-error so is the name
    void (() => c.accounts.steal({ cents: 1 }));
    // @ts-expect-error names with dots are not methods
    void (() => c['accounts.deposit']);
  });
});
