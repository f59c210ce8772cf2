import type { CommittedCommand, StateMachine, StateSpace } from '@flotilla/state-machine';
import { accept, command, defineMachine, event, query, table, tables } from '@flotilla/state-machine';
import { describe, expect, test } from 'vitest';
import { VirtualCluster } from './virtual-cluster.ts';

const numberSchema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as number }) } } as const;

const totals = defineMachine({
  name: 'totals',
  version: 1,
  state: tables({ added: table<number, number>() }),
  commands: {
    add: command(numberSchema, (_state, input, { index }) => accept(index, [event('added', input)])),
    explode: command(numberSchema, (_state, input) => [event('exploded', input)]),
  },
  events: {
    added: (state, input: number, { index }) => state.added.put(index, input),
    exploded: (state, input: number, { index }) => {
      state.added.put(index, input);
      throw new Error('the machine exploded');
    },
  },
  queries: { all: query((state) => [...state.added.range()].map(([, input]) => input)) },
});

/** Counts what it applies: a machine that finds its state does not apply again what that has. */
class Counted implements StateMachine {
  readonly name = totals.name;
  readonly version = totals.version;
  readonly space: StateSpace | undefined;
  readonly #machine: StateMachine;
  readonly #count: (commands: readonly CommittedCommand[]) => void;

  constructor(space: StateSpace, count: (commands: readonly CommittedCommand[]) => void) {
    this.#machine = totals.create(space);
    this.space = this.#machine.space;
    this.#count = count;
  }

  apply(commands: readonly CommittedCommand[]) {
    this.#count(commands);
    return this.#machine.apply(commands);
  }

  query(type: string, input: unknown) {
    return this.#machine.query(type, input);
  }

  encode(given: Parameters<StateMachine['encode']>[0]) {
    return this.#machine.encode(given);
  }

  decode(payload: Uint8Array) {
    return this.#machine.decode(payload);
  }

  snapshot(): Uint8Array {
    throw new Error('nobody asks for all of it at once');
  }

  restore(): void {
    throw new Error('nobody gives it all of it at once');
  }
}

const add = (input: number) => ({ type: 'add', input });
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function startedWith(count: number) {
  const applied: number[] = [];
  const machine = (_group: number, space: StateSpace) =>
    new Counted(space, (commands) => applied.push(...commands.map(({ index }) => index)));
  const cluster = new VirtualCluster({ machine, raft: { trailingEntries: 5, snapshotChunkBytesMax: 32 } });
  await cluster.startAll();
  const leader = await cluster.elect();
  const away = (leader % 3) + 1;
  cluster.crash(away);
  for (let i = 1; i <= count; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
  return { cluster, leader, away, applied };
}

async function everybodyHas(cluster: VirtualCluster, expected: readonly number[]) {
  for (const id of cluster.running) {
    expect((await cluster.settled(cluster.group(id).query('all', undefined))).result).toEqual(expected);
  }
}

describe('a machine whose state is on disk', () => {
  test('goes on with what it finds, and applies only what came later', async () => {
    const { cluster, leader, away, applied } = await startedWith(30);
    await cluster.start(away);
    await cluster.time.until(
      'it has everything',
      () => cluster.group(away).status().appliedIndex === cluster.group(leader).status().lastIndex,
    );
    for (const id of cluster.running) cluster.crash(id);
    applied.length = 0;
    await cluster.startAll();
    const next = await cluster.elect();
    await everybodyHas(cluster, numbers(30));
    expect(applied).toEqual([]);
    const { index } = await cluster.settled(cluster.group(next).execute(add(31)));
    await cluster.time.until('all have applied it', () => cluster.running.every((id) => cluster.group(id).status().appliedIndex >= index));
    expect(applied).toEqual([index, index, index]);
    await everybodyHas(cluster, numbers(31));
  });

  test('is given the state of a leader that has compacted its log, and keeps it', async () => {
    const { cluster, leader, away, applied } = await startedWith(100);
    const { index, size } = await cluster.settled(cluster.group(leader).takeSnapshot());
    expect(size).toBeGreaterThan(1000);
    await cluster.settled(cluster.group(leader).execute(add(101)));
    applied.length = 0;
    await cluster.start(away);
    await cluster.time.until('it has everything', () => cluster.group(away).status().appliedIndex > index);
    expect(applied.every((each) => each > index)).toBe(true);
    expect(cluster.group(away).journalStart()).toBeGreaterThan(index);
    for (const id of cluster.running) cluster.crash(id);
    await cluster.startAll();
    await cluster.elect();
    await everybodyHas(cluster, numbers(101));
  });

  test('takes the newest snapshot where its state is lost or older than the log', async () => {
    const { cluster, leader } = await startedWith(60);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.settled(cluster.group(leader).execute(add(61)));
    for (const id of cluster.running) cluster.crash(id);
    cluster.slot(leader).disk.states.clear();
    await cluster.startAll();
    await cluster.elect();
    await cluster.time.until(
      'all are level',
      () => new Set(cluster.running.map((id) => cluster.group(id).status().appliedIndex)).size === 1,
    );
    await everybodyHas(cluster, numbers(61));
  });

  test('leaves nothing of an entry behind whose event handler threw', async () => {
    const { cluster, leader } = await startedWith(3);
    const failed = cluster.settled(cluster.group(leader).execute({ type: 'explode', input: 4 }));
    await expect(failed).rejects.toMatchObject({ outcome: 'unknown' });
    const { disk } = cluster.slot(leader);
    const ofTheMachine = [...disk.state(1).space.range()].filter(([key]) => key[0] !== '$'.charCodeAt(0));
    expect(ofTheMachine).toHaveLength(3);
  });
});
