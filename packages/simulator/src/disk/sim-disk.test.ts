import type { Index } from '@flotilla/core';
import type { LogStore } from '@flotilla/storage';
import { describe, expect, test } from 'vitest';
import { entries, logWrite, readLog } from '../../test/disk/log-writes.ts';
import { Machine } from '../../test/disk/machine.ts';
import { SeededRandom } from '../engine/seeded-random.ts';
import { World } from '../engine/world.ts';
import type { DiskProfile } from './disk-profile.ts';

function setUp(profile: Partial<DiskProfile> = {}, seed = 3) {
  const world = new World();
  const machine = new Machine(world, seed, profile);
  const { disk } = machine;
  const write = (store: LogStore, from: Index, to: Index, term = 1) =>
    world.settled(store.write([logWrite(1, { entries: entries(from, to, term) })]), world.now + 10_000);
  return { world, machine, disk, write };
}

const failed = expect.objectContaining({ code: 'storage_failed' });
const corrupted = expect.objectContaining({ code: 'log_corrupted' });

describe('a disk that fails', () => {
  test.each([
    ['write', { writeErrorChance: 1 }, 'write-error'],
    ['sync', { syncErrorChance: 1 }, 'sync-error'],
    ['room', { freeBytes: 600 }, 'full'],
  ] as const)('%s: the store refuses everything from then on, and the next process goes on', async (_, trouble, count) => {
    for (let seed = 0; seed < 10; seed++) {
      const { world, machine, disk, write } = setUp({}, seed);
      const { logStore } = machine.start();
      await write(logStore, 1, 3);
      const usual = { ...disk.profile };
      Object.assign(disk.profile, trouble);
      const second = logStore.write([logWrite(1, { entries: entries(4, 5) })]);
      const third = logStore.write([logWrite(1, { entries: entries(6, 6) })]);
      await expect(world.settled(Promise.all([second.catch((error: unknown) => error), third]))).rejects.toThrow(failed);
      await expect(second).rejects.toThrow(failed);
      Object.assign(disk.profile, usual);
      await expect(logStore.write([])).rejects.toThrow(failed);
      expect(() => logStore.read(1, 1, 1, 1)).toThrow(failed);
      expect(disk.counts[count]).toBeGreaterThan(0);

      const next = machine.start().logStore;
      const { log } = await next.recover(1);
      expect([3, 5]).toContain(log.lastIndex);
      await write(next, log.lastIndex + 1, log.lastIndex + 4);
      machine.powerCut();
      expect((await readLog(machine.start().logStore, 1)).entries).toHaveLength(log.lastIndex + 4);
    }
  });

  test('to sync: the next process sees what was before, and a power cut may show that it was done', async () => {
    let shown = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { world, machine, disk } = setUp({ syncErrorChance: 1 }, seed);
      await expect(world.settled(machine.start().logStore.write([logWrite(1, { entries: entries(1, 2) })]))).rejects.toThrow(failed);
      expect((await machine.start().logStore.recover(1)).log.lastIndex).toBe(0);
      expect(disk.durable(1).log.lastIndex).toBe(0);
      machine.powerCut();
      const { lastIndex } = (await machine.start().logStore.recover(1)).log;
      expect([0, 2]).toContain(lastIndex);
      if (lastIndex > 0) shown++;
    }
    expect(shown).toBeGreaterThan(3);
  });

  test('to sync, without writing through: what the next process sees, a power cut may take back', async () => {
    let takenBack = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { world, machine } = setUp({ syncErrorChance: 1, writesThrough: false }, seed);
      await expect(world.settled(machine.start().logStore.write([logWrite(1, { entries: entries(1, 2) })]))).rejects.toThrow(failed);
      const seen = (await machine.start().logStore.recover(1)).log.lastIndex;
      machine.powerCut();
      const left = (await machine.start().logStore.recover(1)).log.lastIndex;
      if (left < seen) takenBack++;
    }
    expect(takenBack).toBeGreaterThan(3);
  });

  test('state that cannot be written fails the store at the next commit', async () => {
    const { world, machine, disk } = setUp();
    const { stateStore } = machine.start();
    await stateStore.commit([{ group: 1, applied: 1, records: [] }]);
    disk.profile.writeErrorChance = 1;
    await world.run(50);
    await expect(stateStore.commit([{ group: 1, applied: 2, records: [] }])).rejects.toThrow(failed);
    expect(() => stateStore.applied(1)).toThrow(failed);
  });
});

test('a stall holds back everything that is under way, and nothing is lost by it', async () => {
  const { world, machine, disk } = setUp();
  const { logStore } = machine.start();
  let done = 0;
  const write = logStore.write([logWrite(1, { entries: entries(1, 1) })]).then(() => {
    done = world.now;
  });
  disk.profile.stalledUntil = 500;
  await world.run(499);
  expect([done, disk.durable(1).log.lastIndex]).toEqual([0, 0]);
  await world.settled(write);
  expect([done, disk.counts.stall]).toEqual([500, 1]);
});

test('durability is told before the process is, and not of one that is dead', async () => {
  const { world, machine, disk } = setUp();
  const heard: string[] = [];
  disk.onDurable((group, { log }) => heard.push(`disk: ${group} ${log.lastIndex}`));
  const { logStore } = machine.start();
  const write = logStore.write([logWrite(4, { entries: entries(1, 2) })]).then(() => heard.push('process'));
  await world.settled(write);
  expect(heard).toEqual(['disk: 4 2', 'process']);
  expect(disk.durable(4).entry(2)).toMatchObject({ index: 2, term: 1 });
  expect(disk.durable(4).entry(3)).toBeUndefined();
  logStore.write([logWrite(4, { entries: entries(3, 3) })]).catch(() => {});
  machine.process.kill();
  await world.run(1_000);
  expect(heard).toHaveLength(2);
});

describe('damage is found out', () => {
  test.each(['rot', 'torn-write', 'misdirected-write'] as const)('%s: what can be read is what was written', async (fault) => {
    for (let seed = 0; seed < 30; seed++) {
      const { machine, disk, write } = setUp({}, seed);
      const { logStore } = machine.start();
      await write(logStore, 1, 20);
      if (fault === 'torn-write') disk.profile.tornWriteChance = 1;
      if (fault === 'misdirected-write') disk.profile.misdirectedWriteChance = 1;
      await write(logStore, 21, 25);
      if (fault === 'rot') expect(disk.rot(new SeededRandom(seed), 2)).toBeGreaterThan(0);
      expect(disk.counts[fault]).toBeGreaterThan(0);
      let unreadable = 0;
      for (const { index, payload } of entries(1, 25)) {
        try {
          expect(logStore.read(1, index, index, 100)).toMatchObject([{ index, payload }]);
        } catch (error) {
          expect(error).toEqual(corrupted);
          unreadable++;
        }
      }
      expect(unreadable).toBeGreaterThan(0);
      expect(disk.counts.noticed).toBe(unreadable);
      const healed = await machine.start().logStore.recover(1);
      expect(healed.hardState.recovering).toBe(true);
      expect(healed.log.lastIndex).toBeLessThanOrEqual(25 - (fault === 'torn-write' ? 1 : 0));
      expect(disk.durable(1).hardState.recovering).toBe(true);
      expect([disk.counts.noticed, disk.counts.healed]).toEqual([unreadable + 1, 1]);
    }
  });

  test('in the vote, the beginning, derived state, and snapshots', async () => {
    const { world, machine, disk, write } = setUp();
    const { logStore, stateStore, snapshotStore, close } = machine.start();
    await world.settled(logStore.write([logWrite(2, { hardState: { term: 3, vote: 1 } })]));
    await write(logStore, 1, 1);
    await stateStore.commit([{ group: 1, applied: 1, records: [{ index: 1, term: 1, time: 1, events: new Uint8Array(9) }] }]);
    const membership = { members: [], outgoing: null, pending: null, highestId: 0 };
    const position = { index: 1, term: 1, time: 1, membership, machine: { name: 'list', version: 1 } };
    const { id } = await world.settled(snapshotStore.save(1, position, inOnePart(new Uint8Array(3_000))));
    await world.settled(close());
    disk.rot(new SeededRandom(1), 10_000);
    const next = machine.start();
    // Group 1 had no vote to lose, but an entry; the term of group 2 is known beside the log.
    for (const [group, term] of [
      [1, 0],
      [2, 3],
    ] as const) {
      const lost = { term, vote: null, recovering: true };
      expect(await next.logStore.recover(group)).toMatchObject({ hardState: lost, log: { lastIndex: 0 } });
    }
    expect(() => next.stateStore.applied(1)).toThrow(expect.objectContaining({ code: 'state_corrupted' }));
    await expect(next.snapshotStore.load(1, id)[Symbol.asyncIterator]().next()).rejects.toThrow(
      expect.objectContaining({ code: 'snapshot_damaged' }),
    );
    expect(await next.snapshotStore.read(1, id, 0, 10)).toBeNull();
  });
});

describe('whose data it is', () => {
  test('a store that was put back is to recover where something was promised since', async () => {
    const { world, machine, disk, write } = setUp();
    const { logStore } = machine.start();
    await write(logStore, 1, 5);
    const copy = disk.copy();
    const same = disk.copy();
    machine.process.kill();
    disk.rollBack(same);
    const { logStore: later } = machine.start();
    await write(later, 6, 9);
    await world.settled(later.write([logWrite(1, { hardState: { term: 4, vote: 2 } })]));
    expect(() => disk.rollBack(copy)).toThrow('end it first');
    machine.process.kill();
    disk.rollBack(copy);
    expect(disk.durable(1).log.lastIndex).toBe(5);
    const { hardState, log } = await machine.start().logStore.recover(1);
    expect([hardState, log.lastIndex]).toEqual([{ term: 4, vote: null, recovering: true }, 5]);
    expect([disk.counts.rollback, disk.counts.noticed, disk.counts.healed]).toEqual([1, 1, 1]);
    machine.start();
    expect(disk.counts.noticed).toBe(1);
  });

  test('stores that were lost are refused, and a disk that was wiped is another one', async () => {
    const { machine, disk, write } = setUp();
    await write(machine.start({ member: 1, cluster: 'c' }).logStore, 1, 5);
    const { incarnation } = disk;
    expect(disk.admit(2, 'two')).toBeNull();
    expect(disk.admit(2, 'other')).toContain('another data directory');
    expect(disk.admit(1, 'one')).toContain('two processes');
    expect(disk.admit(3, '')).toContain('does not say');
    machine.process.kill();
    disk.wipe({ keepIdentity: true });
    expect(() => machine.start()).toThrow(expect.objectContaining({ code: 'data_directory_unusable' }));
    disk.wipe({ keepIdentity: false });
    expect(disk.incarnation).not.toBe(incarnation);
    const { logStore } = machine.start({ member: 9, cluster: 'c' });
    expect((await logStore.recover(1)).log.lastIndex).toBe(0);
    expect(disk.admit(2, 'other')).toBeNull();
    const of = (what: string) => expect.objectContaining({ code: `data_directory_of_another_${what}` });
    expect(() => machine.start({ member: 8 })).toThrow(of('member'));
    expect(() => machine.start({ cluster: 'd' })).toThrow(of('cluster'));
  });

  test('one process at a time', async () => {
    const { world, machine, disk } = setUp();
    const { close } = machine.start();
    expect(() => disk.open(machine.process)).toThrow(expect.objectContaining({ code: 'data_directory_in_use' }));
    await world.settled(close());
    disk.open(machine.process);
  });
});

test.each(['powerCut', 'kill'] as const)(
  'after a %s derived state is that of an older applied index, with exactly its records',
  async (end) => {
    const lags = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const { world, machine, disk } = setUp({ syncMs: 5 }, seed);
      let store = machine.start({ retention: { recordsMax: 30 } }).stateStore;
      for (let index = 1; index <= 100; index++) {
        await store.commit([{ group: 1, applied: index, records: [{ index, term: 1, time: index, events: Uint8Array.of(index) }] }]);
        await world.run(world.now + 3);
      }
      if (end === 'kill') machine.process.kill();
      else machine.powerCut();
      store = machine.start({ retention: { recordsMax: 30 } }).stateStore;
      const applied = store.applied(1);
      const records = store.journal(1, store.journalStart(1), 1_000);
      expect(records.map(({ index, events }) => [index, events[0]])).toEqual(
        Array.from({ length: 30 }, (_, i) => [applied - 29 + i, applied - 29 + i]),
      );
      expect(disk.counts['state-rewound'] > 0).toBe(applied < 100);
      lags.add(100 - applied);
      expect(applied).toBeGreaterThan(75);
    }
    expect(lags.size).toBeGreaterThan(3);
  },
);

test('one seed, one result', async () => {
  const run = async (seed: number) => {
    const { world, machine, disk } = setUp({ outlierChance: 0.1, syncErrorChance: 0.02, writesThrough: false }, seed);
    const told: unknown[] = [];
    disk.onDurable((group, { log }) => told.push([world.now, group, log.lastIndex]));
    for (let life = 0; life < 20; life++) {
      const { logStore } = machine.start();
      let last = (await logStore.recover(1)).log.lastIndex;
      for (let i = 0; i < 10; i++) {
        logStore.write([logWrite(1, { entries: entries(last + 1, last + 2) })]).catch(() => {});
        last += 2;
        await world.run(world.now + 0.7);
      }
      if (life % 2 === 0) machine.powerCut();
      else machine.process.kill();
    }
    return { told, counts: { ...disk.counts }, incarnation: disk.incarnation, now: world.now };
  };
  expect(await run(5)).toEqual(await run(5));
  expect((await run(6)).told).not.toEqual((await run(5)).told);
});

async function* inOnePart(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
