import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalRecord, JournalRetention, StateStore } from '../state-store.ts';
import { isStorageError } from '../storage-error.ts';
import { plainRecords, sampleRecord } from './sample-entries.ts';
import { testStateSpaces } from './state-space-suite.ts';
import { checkStateAgainstModel } from './state-store-model.ts';

/** One disk. `open` opens the store on it, after the previous one was closed. */
export interface StateStoreFixture {
  open(retention: JournalRetention): Promise<StateStore>;
  /** Removes the disk. Every store was closed before. */
  dispose?(): Promise<void>;
}

export type MakeStateStoreFixture = () => StateStoreFixture | Promise<StateStoreFixture>;

/** The conformance suite of the port `StateStore`: call it at the top level of a vitest file. Each test gets a new disk. */
export function testStateStore(name: string, makeFixture: MakeStateStoreFixture): void {
  describe(`${name} is a StateStore`, () => {
    let fixture: StateStoreFixture;
    let store: StateStore;

    beforeEach(async () => {
      fixture = await makeFixture();
      store = await fixture.open({});
    });

    afterEach(async () => {
      await store.close();
      await fixture.dispose?.();
    });

    async function reopen(retention: JournalRetention = {}): Promise<void> {
      await store.close();
      store = await fixture.open(retention);
    }

    async function commit(group: number, applied: number, records: readonly JournalRecord[]): Promise<void> {
      await store.commit([{ group, applied, records }]);
    }

    function indexes(group = 1): number[] {
      return store.journal(group, store.journalStart(group), Number.MAX_SAFE_INTEGER).map(({ index }) => index);
    }

    test('begins with nothing applied and an empty, complete journal', () => {
      expect(store.applied(1)).toBe(0);
      expect(store.journalStart(1)).toBe(1);
      expect(store.journal(1, 1, 10)).toEqual([]);
    });

    test('shows a commit as soon as it has resolved', async () => {
      await commit(1, 3, [sampleRecord(1), sampleRecord(3)]);
      expect(store.applied(1)).toBe(3);
      expect(plainRecords(store.journal(1, 1, 10))).toEqual([sampleRecord(1), sampleRecord(3)]);
    });

    test('finds everything again after reopening', async () => {
      await commit(1, 2, [sampleRecord(1, 0), sampleRecord(2, 100_000)]);
      await commit(1, 9, [sampleRecord(4, 5, 1_790_000_000_123.5)]);
      await reopen();
      expect(store.applied(1)).toBe(9);
      expect(store.journalStart(1)).toBe(1);
      expect(plainRecords(store.journal(1, 1, 10))).toEqual([
        sampleRecord(1, 0),
        sampleRecord(2, 100_000),
        sampleRecord(4, 5, 1_790_000_000_123.5),
      ]);
    });

    test('reads from the middle, from between two records, and from behind the end', async () => {
      await commit(
        1,
        10,
        [2, 4, 6, 8].map((index) => sampleRecord(index)),
      );
      expect(store.journal(1, 4, 2).map(({ index }) => index)).toEqual([4, 6]);
      expect(store.journal(1, 5, 10).map(({ index }) => index)).toEqual([6, 8]);
      expect(store.journal(1, 9, 10)).toEqual([]);
      expect(store.journal(1, 1_000, 10)).toEqual([]);
      expect(store.journal(1, 1, 0)).toEqual([]);
    });

    test('one read spans old and new commits', async () => {
      await commit(1, 3, [sampleRecord(1), sampleRecord(3)]);
      await reopen();
      await commit(1, 5, [sampleRecord(5)]);
      await commit(1, 6, [sampleRecord(6)]);
      expect(indexes()).toEqual([1, 3, 5, 6]);
      expect(store.journal(1, 2, 2).map(({ index }) => index)).toEqual([3, 5]);
    });

    test('a read is cut short before it exceeds its bytes, but not before its first record', async () => {
      const record = (index: number, eventBytes: number): JournalRecord => ({ ...sampleRecord(index), events: new Uint8Array(eventBytes) });
      await commit(1, 2, [record(1, 100), record(2, 50)]);
      await reopen();
      await commit(1, 4, [record(3, 50), record(4, 1)]);
      const read = (from: number, bytesMax: number) => store.journal(1, from, 10, bytesMax).map(({ index }) => index);
      expect(read(1, 1)).toEqual([1]);
      expect(read(1, 150)).toEqual([1, 2]);
      expect(read(2, 100)).toEqual([2, 3]);
      expect(read(2, 101)).toEqual([2, 3, 4]);
    });

    test('committing an index again is harmless', async () => {
      await commit(1, 3, [sampleRecord(1), sampleRecord(3)]);
      await commit(1, 3, [sampleRecord(1, 99), sampleRecord(3, 99)]);
      await commit(1, 2, [sampleRecord(2)]);
      await reopen();
      await commit(1, 5, [sampleRecord(3, 99), sampleRecord(4), sampleRecord(5)]);
      expect(store.applied(1)).toBe(5);
      expect(plainRecords(store.journal(1, 1, 10))).toEqual([1, 3, 4, 5].map((index) => sampleRecord(index)));
    });

    test('the applied index advances without records', async () => {
      await commit(1, 7, []);
      await reopen();
      expect(store.applied(1)).toBe(7);
      expect(indexes()).toEqual([]);
    });

    test('commits for several groups, and twice for one, in one call', async () => {
      await store.commit([
        { group: 1, applied: 2, records: [sampleRecord(2)] },
        { group: 2 ** 32 - 1, applied: 1, records: [sampleRecord(1)] },
        { group: 1, applied: 4, records: [sampleRecord(3)] },
      ]);
      await reopen();
      expect([store.applied(1), store.applied(2), store.applied(2 ** 32 - 1)]).toEqual([4, 0, 1]);
      expect([indexes(1), indexes(2), indexes(2 ** 32 - 1)]).toEqual([[2, 3], [], [1]]);
    });

    test('commits that nobody waits for take effect in the order of the calls', async () => {
      await Promise.all([1, 2, 3, 4].map((index) => commit(1, index, [sampleRecord(index)])));
      await reopen();
      expect(indexes()).toEqual([1, 2, 3, 4]);
    });

    test('a commit that breaks its contract leaves nothing behind', async () => {
      const bad = [
        { records: [sampleRecord(2), sampleRecord(1)] },
        { records: [sampleRecord(2), sampleRecord(2)] },
        { records: [sampleRecord(5)] },
        { records: [sampleRecord(2)], skipsTo: 2 },
        { records: [], skipsTo: 5 },
      ];
      for (const each of bad) {
        const refused = store.commit([
          { group: 2, applied: 1, records: [sampleRecord(1)] },
          { group: 1, applied: 4, ...each },
        ]);
        await expect(refused).rejects.toThrow();
      }
      await reopen();
      expect([store.applied(1), store.applied(2)]).toEqual([0, 0]);
      expect(indexes(2)).toEqual([]);
    });

    test('events belong to the caller again once the commit has resolved', async () => {
      const record = { ...sampleRecord(1), events: Buffer.from(sampleRecord(1).events) };
      await commit(1, 1, [record]);
      record.events.fill(0);
      expect(plainRecords(store.journal(1, 1, 1))).toEqual([sampleRecord(1)]);
    });

    test('holds ten thousand records', async () => {
      const records = Array.from({ length: 10_000 }, (_, i) => sampleRecord(i + 1));
      await commit(1, 10_000, records);
      await reopen({ recordsMax: 10 });
      expect(indexes()).toHaveLength(10_000);
      await commit(1, 10_001, []);
      expect(indexes()).toEqual(Array.from({ length: 10 }, (_, i) => 9_991 + i));
    });

    test('a commit that skips lets the journal begin anew, whatever was on its way to the disk', async () => {
      await commit(1, 3, [sampleRecord(1), sampleRecord(3)]);
      await reopen();
      await Promise.all([
        commit(1, 5, [sampleRecord(5)]),
        store.commit([{ group: 1, applied: 40, skipsTo: 40, records: [] }]),
        commit(1, 42, [sampleRecord(41), sampleRecord(42)]),
      ]);
      for (let round = 0; round < 2; round++) {
        expect([store.applied(1), store.journalStart(1), indexes()]).toEqual([42, 41, [41, 42]]);
        expect(() => store.journal(1, 40, 1)).toThrow(expect.objectContaining({ code: 'journal_compacted' }));
        await reopen();
      }
      await commit(1, 43, [sampleRecord(43)]);
      expect(indexes()).toEqual([41, 42, 43]);
    });

    test('a commit may skip and go on, counted anew by retention', async () => {
      await reopen({ recordsMax: 3 });
      await commit(
        1,
        3,
        [1, 2, 3].map((index) => sampleRecord(index)),
      );
      await store.commit([{ group: 1, applied: 12, skipsTo: 9, records: [sampleRecord(10), sampleRecord(12)] }]);
      await reopen({ recordsMax: 3 });
      expect([store.applied(1), store.journalStart(1), indexes()]).toEqual([12, 10, [10, 12]]);
      await commit(1, 14, [sampleRecord(13), sampleRecord(14)]);
      expect([store.journalStart(1), indexes()]).toEqual([11, [12, 13, 14]]);
    });

    test('skipping what is applied already skips nothing', async () => {
      await commit(1, 3, [sampleRecord(1), sampleRecord(3)]);
      await store.commit([{ group: 1, applied: 4, skipsTo: 3, records: [sampleRecord(4)] }]);
      await reopen();
      expect([store.journalStart(1), indexes()]).toEqual([1, [1, 3, 4]]);
    });

    test('skips a journal of twenty thousand records', async () => {
      await commit(
        1,
        20_000,
        Array.from({ length: 20_000 }, (_, i) => sampleRecord(i + 1)),
      );
      await reopen();
      await store.commit([{ group: 1, applied: 30_000, skipsTo: 30_000, records: [] }]);
      await commit(1, 30_001, [sampleRecord(30_001)]);
      await reopen();
      expect([store.journalStart(1), indexes()]).toEqual([30_001, [30_001]]);
    });

    describe('retention', () => {
      test('by records', async () => {
        await reopen({ recordsMax: 3 });
        await commit(
          1,
          4,
          [1, 2, 4].map((index) => sampleRecord(index)),
        );
        expect([store.journalStart(1), indexes()]).toEqual([1, [1, 2, 4]]);
        await commit(1, 7, [sampleRecord(6)]);
        expect([store.journalStart(1), indexes()]).toEqual([2, [2, 4, 6]]);
        await commit(1, 9, [sampleRecord(8), sampleRecord(9)]);
        expect([store.journalStart(1), indexes()]).toEqual([5, [6, 8, 9]]);
      });

      test('by bytes', async () => {
        await reopen({ bytesMax: 100 });
        await commit(1, 3, [sampleRecord(1, 40), sampleRecord(2, 40), sampleRecord(3, 20)]);
        expect(indexes()).toEqual([1, 2, 3]);
        await commit(1, 4, [sampleRecord(4, 1)]);
        expect([store.journalStart(1), indexes()]).toEqual([2, [2, 3, 4]]);
        await commit(1, 5, [sampleRecord(5, 101)]);
        expect([store.journalStart(1), indexes()]).toEqual([6, []]);
      });

      test('by age, counted back from the newest record', async () => {
        await reopen({ ageMsMax: 1_000 });
        await commit(1, 3, [sampleRecord(1, 8, 5_000), sampleRecord(2, 8, 5_500), sampleRecord(3, 8, 6_000)]);
        expect(indexes()).toEqual([1, 2, 3]);
        await commit(1, 9, [sampleRecord(9, 8, 6_501)]);
        expect([store.journalStart(1), indexes()]).toEqual([3, [3, 9]]);
      });

      test('a journal refuses what it no longer has, also after reopening', async () => {
        await reopen({ recordsMax: 2 });
        await commit(
          1,
          5,
          [1, 2, 3, 4, 5].map((index) => sampleRecord(index)),
        );
        for (let round = 0; round < 2; round++) {
          expect([store.journalStart(1), indexes()]).toEqual([4, [4, 5]]);
          let thrown: unknown;
          try {
            store.journal(1, 3, 10);
          } catch (error) {
            thrown = error;
          }
          expect(isStorageError(thrown, 'journal_compacted')).toBe(true);
          await reopen({ recordsMax: 2 });
        }
      });

      test('counts on after reopening', async () => {
        await reopen({ recordsMax: 3, bytesMax: 100 });
        await commit(1, 2, [sampleRecord(1, 30), sampleRecord(2, 30)]);
        await reopen({ recordsMax: 3, bytesMax: 100 });
        await commit(1, 3, [sampleRecord(3, 30)]);
        expect(indexes()).toEqual([1, 2, 3]);
        await commit(1, 4, [sampleRecord(4, 60)]);
        expect(indexes()).toEqual([3, 4]);
      });
    });

    testStateSpaces(makeFixture);

    test('refuses everything once it is closed, and closes twice', async () => {
      await commit(1, 1, [sampleRecord(1)]);
      await store.close();
      await store.close();
      expect(isStorageError(await store.commit([]).catch((e: unknown) => e), 'storage_closed')).toBe(true);
      for (const refused of [() => store.applied(1), () => store.journalStart(1), () => store.journal(1, 1, 1)]) {
        expect(refused).toThrow(expect.objectContaining({ code: 'storage_closed' }));
      }
    });

    test('equals a simple model for random commits and reopenings', () => checkStateAgainstModel(makeFixture));
  });
}
