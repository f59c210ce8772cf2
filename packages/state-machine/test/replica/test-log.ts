import { z } from 'zod';
import { defineMachine } from '../../src/define-machine.ts';
import type { AnyMachineDefinition } from '../../src/definition.ts';
import { accept, command, effect, event, query, reject } from '../../src/handlers.ts';
import { type MachineVersions, oneVersion } from '../../src/machine-versions.ts';
import { MachineReplica } from '../../src/replica/machine-replica.ts';
import type { AppliedRequest, CommittedRequest, ReplicatedMachine } from '../../src/replica/replicated-machine.ts';
import type { GroupRequest, SessionStamp } from '../../src/replica/request.ts';
import { encodeRequest } from '../../src/replica/request-codec.ts';
import { MemorySpace } from '../../src/space/memory-space.ts';
import { table, tables } from '../../src/space/tables.ts';

const amount = z.object({ by: z.number() });
const plan = z.object({ id: z.string(), at: z.number(), by: z.number().default(1) });

/** Counts in memory, by commands, by timers and by what follows from effects. */
export const counterDefinition = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0, fired: [] as string[] }),
  commands: {
    increment: command(amount, (state, { by }) => accept(state.n + by, [event('changed', { by })])),
    decrement: command(amount, (state, { by }) =>
      by > state.n ? reject('too_small', 'there is less', { value: state.n }) : [event('changed', { by: -by })],
    ),
    plan: command(plan, (_state, { id, at, by }, ctx) => {
      ctx.schedule(id, { at, command: 'fire', input: { by } });
      return [];
    }),
    fire: command(amount, (_state, { by }, ctx) => [event('fired', { by, id: ctx.timer?.id ?? '' })]),
    again: command(amount, (_state, { by }, ctx) => {
      ctx.schedule('again', { at: ctx.now, command: 'again', input: { by } });
      return [event('changed', { by })];
    }),
    ask: command(z.object({ by: z.number(), times: z.number().default(1) }), (_state, { by, times }, ctx) => {
      for (let count = 0; count < times; count++) ctx.effect('notify', { by }, { then: 'noted' });
      return [];
    }),
    noted: command(z.looseObject({ result: z.number() }), (_state, { result }) => [event('changed', { by: result })]),
    drop: command(z.object({ id: z.string() }), (_state, { id }, ctx) => {
      ctx.cancel(id);
      return [];
    }),
  },
  events: {
    changed: (state, { by }: { by: number }) => {
      state.n += by;
    },
    fired: (state, { by, id }: { by: number; id: string }) => {
      state.n += by;
      state.fired.push(id);
    },
  },
  effects: { notify: effect(z.object({ by: z.number() })) },
  queries: { value: query((state) => state.n), fired: query((state) => state.fired) },
});

/** Counts in a space. */
export const tallyDefinition = defineMachine({
  name: 'tally',
  version: 1,
  state: tables({ counts: table<number>() }),
  commands: {
    increment: command(amount, (state, { by }) => accept((state.counts.get('n') ?? 0) + by, [event('changed', { by })])),
  },
  events: {
    changed: (state, { by }: { by: number }) => state.counts.put('n', (state.counts.get('n') ?? 0) + by),
  },
  queries: { value: query((state) => state.counts.get('n') ?? 0) },
});

export const counter = versionsOfOne(counterDefinition);
export const tally = versionsOfOne(tallyDefinition);

function versionsOfOne(definition: AnyMachineDefinition): MachineVersions {
  return oneVersion(definition, (space) => definition.create(space));
}

/** Commits requests one after the other and applies them to a replica, for tests. */
export class TestLog {
  replica: ReplicatedMachine;
  time = 1_000_000;
  readonly entries: CommittedRequest[] = [];

  constructor(replica: ReplicatedMachine = new MachineReplica(counter)) {
    this.replica = replica;
  }

  get value(): unknown {
    return this.replica.query('value', undefined);
  }

  /** Returns the number of the session. */
  open(ttlMs = 60_000): number {
    return this.send({ kind: 'open-session', ttlMs }).index;
  }

  send(request: GroupRequest): AppliedRequest {
    return this.append(encodeRequest(request));
  }

  async command(type: string, input: unknown, stamp: SessionStamp | null = null): Promise<AppliedRequest> {
    return this.append(await this.replica.encode({ type, input }, stamp));
  }

  /** The code of the refusal that an increment comes to; null where it does not come to one. */
  async refusal(stamp: SessionStamp): Promise<string | null> {
    const { outcome } = await this.command('increment', { by: 1 }, stamp);
    return outcome.kind === 'refused' ? outcome.code : null;
  }

  /** Goes on with another replica that has the state of this one. */
  restart(): void {
    const { space } = this.replica;
    const next = new MachineReplica(space === undefined ? counter : tally, space && new MemorySpace(space.range()));
    if (space === undefined) next.restore(this.replica.snapshot());
    this.replica = next;
  }

  append(payload: Uint8Array): AppliedRequest {
    const request = { index: this.entries.length + 1, term: 1, time: this.time, payload };
    this.entries.push(request);
    const [applied] = this.replica.apply([request]);
    if (applied === undefined) throw new Error('the replica gave no result');
    return applied;
  }
}
