import type { Entry, GroupId } from '@flotilla/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogStore } from '../log-store.ts';
import { isStorageError, type StorageErrorCode } from '../storage-error.ts';
import { testCompaction } from './log-compaction-suite.ts';
import { checkAgainstModel } from './log-store-model.ts';
import { append, plainEntries, sampleEntries, sampleEntry, truncate, vote } from './sample-entries.ts';

/** One disk. `open` opens the store on it, after the previous one was closed. */
export interface LogStoreFixture {
  open(): Promise<LogStore>;
  /** Cuts the power: what `open` gave last is gone without being closed. Absent where a test cannot do that. */
  crash?(): Promise<void>;
  /** Removes the disk. Every store was closed before. */
  dispose?(): Promise<void>;
}

export type MakeLogStoreFixture = () => LogStoreFixture | Promise<LogStoreFixture>;

/** The conformance suite of the port `LogStore`: call it at the top level of a vitest file. Each test gets a new disk. */
export function testLogStore(name: string, makeFixture: MakeLogStoreFixture): void {
  testCompaction(name, makeFixture);
  describe(`${name} is a LogStore`, () => {
    let fixture: LogStoreFixture;
    let store: LogStore;

    beforeEach(async () => {
      fixture = await makeFixture();
      store = await fixture.open();
    });

    afterEach(async () => {
      await store.close();
      await fixture.dispose?.();
    });

    async function reopen(): Promise<void> {
      await store.close();
      store = await fixture.open();
    }

    function readAll(group: GroupId, to: number): Entry[] {
      return plainEntries(store.read(group, 1, to, Number.MAX_SAFE_INTEGER));
    }

    async function expectLog(group: GroupId, entries: readonly Entry[]): Promise<void> {
      const { log, lastTime } = await store.recover(group);
      expect(log.lastIndex).toBe(entries.length);
      expect(lastTime).toBe(entries.at(-1)?.time ?? 0);
      if (entries.length > 0) expect(readAll(group, entries.length)).toEqual(entries);
    }

    test('an unknown group is an empty log of term 0', async () => {
      expect(await store.recover(7)).toEqual({
        hardState: { term: 0, vote: null },
        base: null,
        log: { snapshotIndex: 0, snapshotTerm: 0, runs: [], lastIndex: 0 },
        lastTime: 0,
        memberships: [],
        damage: null,
      });
    });

    test('reads back what was written, whole and in part', async () => {
      const entries = sampleEntries(1, 10, 1);
      await store.write([append(1, entries)]);
      expect(readAll(1, 10)).toEqual(entries);
      expect(plainEntries(store.read(1, 4, 6, 1_000))).toEqual(entries.slice(3, 6));
    });

    test('keeps time exactly, and payloads without bytes', async () => {
      const entry: Entry = { index: 1, term: 1, time: 1_790_000_000_123, kind: 'no-op', payload: new Uint8Array(0) };
      await store.write([append(1, [entry])]);
      await reopen();
      await expectLog(1, [entry]);
    });

    test('recovers hard state, term runs and the last log time after reopening', async () => {
      await store.write([{ group: 1, hardState: { term: 2, vote: 3 }, base: null, truncateAfter: null, entries: sampleEntries(1, 3, 1) }]);
      await store.write([append(1, sampleEntries(4, 5, 2)), append(1, sampleEntries(6, 6, 5))]);
      await reopen();
      expect(await store.recover(1)).toEqual({
        hardState: { term: 2, vote: 3 },
        base: null,
        log: {
          snapshotIndex: 0,
          snapshotTerm: 0,
          runs: [
            { firstIndex: 1, term: 1 },
            { firstIndex: 4, term: 2 },
            { firstIndex: 6, term: 5 },
          ],
          lastIndex: 6,
        },
        lastTime: 1_006,
        memberships: [],
        damage: null,
      });
    });

    test('a hard state without a vote replaces one with a vote; a null one leaves it alone', async () => {
      await store.write([vote(1, { term: 4, vote: 2 })]);
      await store.write([append(1, [sampleEntry(1, 4)])]);
      expect((await store.recover(1)).hardState).toEqual({ term: 4, vote: 2 });
      await store.write([vote(1, { term: 5, vote: null })]);
      await reopen();
      expect((await store.recover(1)).hardState).toEqual({ term: 5, vote: null });
    });

    test('a member that is healing is so until a hard state says otherwise, whatever else is written', async () => {
      await store.write([append(1, sampleEntries(1, 5, 1)), vote(1, { term: 4, vote: null, recovering: true })]);
      await store.write([truncate(1, 3, sampleEntries(4, 4, 2))]);
      await reopen();
      expect(await store.recover(1)).toMatchObject({ hardState: { term: 4, vote: null, recovering: true }, damage: null });
      await expectLog(1, [...sampleEntries(1, 3, 1), ...sampleEntries(4, 4, 2)]);
      await store.write([vote(1, { term: 4, vote: 2 })]);
      await reopen();
      expect((await store.recover(1)).hardState).toEqual({ term: 4, vote: 2 });
      await expectLog(1, [...sampleEntries(1, 3, 1), ...sampleEntries(4, 4, 2)]);
    });

    test('recovering clears nothing', async () => {
      await store.write([append(1, sampleEntries(1, 3, 1))]);
      await store.recover(1);
      await store.recover(1);
      await expectLog(1, sampleEntries(1, 3, 1));
      await store.write([append(1, sampleEntries(4, 4, 1))]);
      await expectLog(1, sampleEntries(1, 4, 1));
    });

    test('goes on writing after reopening without a recover in between', async () => {
      await store.write([append(1, sampleEntries(1, 3, 1))]);
      await reopen();
      await store.write([append(1, sampleEntries(4, 6, 2))]);
      await expectLog(1, [...sampleEntries(1, 3, 1), ...sampleEntries(4, 6, 2)]);
    });

    test('several writes for one group in one call apply in their order', async () => {
      await store.write([
        append(1, sampleEntries(1, 4, 1)),
        vote(1, { term: 1, vote: 1 }),
        truncate(1, 2, sampleEntries(3, 3, 2)),
        vote(1, { term: 2, vote: null }),
        append(1, sampleEntries(4, 5, 3)),
      ]);
      await expectLog(1, [...sampleEntries(1, 2, 1), ...sampleEntries(3, 3, 2), ...sampleEntries(4, 5, 3)]);
      expect((await store.recover(1)).hardState).toEqual({ term: 2, vote: null });
    });

    test('truncates before it appends, in the same write', async () => {
      await store.write([append(1, sampleEntries(1, 9, 1))]);
      await store.write([truncate(1, 4, sampleEntries(5, 6, 2))]);
      const expected = [...sampleEntries(1, 4, 1), ...sampleEntries(5, 6, 2)];
      await expectLog(1, expected);
      expectCode(() => store.read(1, 7, 7, 100), 'log_out_of_range');
      await reopen();
      await expectLog(1, expected);
    });

    test('truncates to nothing, and nothing at all at or behind the end', async () => {
      await store.write([append(1, sampleEntries(1, 3, 1))]);
      await store.write([truncate(1, 3), truncate(1, 10)]);
      await expectLog(1, sampleEntries(1, 3, 1));
      await store.write([truncate(1, 0)]);
      await reopen();
      await expectLog(1, []);
      await store.write([append(1, sampleEntries(1, 2, 2))]);
      await expectLog(1, sampleEntries(1, 2, 2));
    });

    test('writes that nobody waits for take effect in the order of the calls', async () => {
      const writes = [
        store.write([append(1, sampleEntries(1, 5, 1))]),
        store.write([truncate(1, 2, sampleEntries(3, 8, 2))]),
        store.write([vote(1, { term: 2, vote: 1 })]),
        store.write([vote(1, { term: 3, vote: null }), append(2, sampleEntries(1, 1, 1))]),
        store.write([truncate(1, 6)]),
        store.write([append(1, sampleEntries(7, 7, 3))]),
      ];
      await Promise.all(writes);
      await reopen();
      await expectLog(1, [...sampleEntries(1, 2, 1), ...sampleEntries(3, 6, 2), ...sampleEntries(7, 7, 3)]);
      await expectLog(2, sampleEntries(1, 1, 1));
      expect((await store.recover(1)).hardState).toEqual({ term: 3, vote: null });
    });

    test('reads a write as soon as it has resolved, with others still under way', async () => {
      const first = store.write([append(1, sampleEntries(1, 3, 1))]);
      const second = first.then(() => expect(readAll(1, 3)).toEqual(sampleEntries(1, 3, 1)));
      const third = store.write([append(1, sampleEntries(4, 600, 1))]);
      await Promise.all([second, third]);
    });

    test('close waits for the writes under way', async () => {
      const write = store.write([append(1, sampleEntries(1, 200, 1))]);
      await reopen();
      await write;
      await expectLog(1, sampleEntries(1, 200, 1));
    });

    test('groups do not see each other, whatever their numbers', async () => {
      const groups = [1, 2, 255, 256, 65_536, 2 ** 32 - 1];
      await store.write(
        groups.flatMap((group, i) => [vote(group, { term: i + 1, vote: group }), append(group, sampleEntries(1, i + 1, 1, i))]),
      );
      await store.write([truncate(256, 0)]);
      await reopen();
      for (const [i, group] of groups.entries()) {
        await expectLog(group, group === 256 ? [] : sampleEntries(1, i + 1, 1, i));
        expect((await store.recover(group)).hardState).toEqual({ term: i + 1, vote: group });
      }
    });

    test.each([
      ['a first entry that skips one', append(1, [sampleEntry(5, 1)])],
      ['an entry that is there already', append(1, [sampleEntry(3, 1)])],
      ['entries with a hole', append(1, [sampleEntry(4, 1), sampleEntry(6, 1)])],
      ['entries that do not follow the truncation', truncate(1, 1, [sampleEntry(4, 1)])],
      ['a truncation after no index', truncate(1, Number.NaN)],
    ])('%s is a log_gap, and nothing at all is written', async (_, bad) => {
      await store.write([append(1, sampleEntries(1, 3, 1))]);
      const error = await store.write([vote(1, { term: 9, vote: 9 }), append(2, sampleEntries(1, 2, 1)), bad]).catch((e: unknown) => e);
      expect(isStorageError(error, 'log_gap')).toBe(true);
      await store.write([append(1, sampleEntries(4, 4, 1))]);
      await reopen();
      await expectLog(1, sampleEntries(1, 4, 1));
      expect((await store.recover(1)).hardState).toEqual({ term: 0, vote: null });
      await expectLog(2, []);
    });

    test('cuts a read short by bytes, and always returns the first entry', async () => {
      await store.write([append(1, sampleEntries(1, 6, 1, 100))]);
      expect(store.read(1, 1, 6, 300)).toHaveLength(3);
      expect(store.read(1, 1, 6, 399)).toHaveLength(3);
      expect(store.read(1, 1, 6, 1_000)).toHaveLength(6);
      expect(plainEntries(store.read(1, 2, 6, 0))).toEqual(sampleEntries(2, 2, 1, 100));
    });

    test('refuses a read that leaves the log', async () => {
      expectCode(() => store.read(1, 1, 1, 100), 'log_out_of_range');
      await store.write([append(1, sampleEntries(1, 3, 1))]);
      for (const [from, to] of [
        [0, 2],
        [3, 4],
        [4, 4],
        [3, 2],
      ] as const) {
        expectCode(() => store.read(1, from, to, 100), 'log_out_of_range');
      }
      expectCode(() => store.read(2, 1, 1, 100), 'log_out_of_range');
    });

    test('holds entries of a mebibyte', async () => {
      const entries = [...sampleEntries(1, 3, 1, 2 ** 20), ...sampleEntries(4, 4, 1, 3)];
      await store.write([append(1, entries)]);
      await reopen();
      const read = readAll(1, 4);
      expect(read.map(({ payload }) => payload.length)).toEqual([2 ** 20, 2 ** 20, 2 ** 20, 3]);
      for (const [i, entry] of entries.entries()) expect(Buffer.compare(read[i]?.payload ?? new Uint8Array(), entry.payload)).toBe(0);
    });

    test('holds ten thousand entries, written and truncated in one go', async () => {
      await store.write([append(1, sampleEntries(1, 10_000, 1))]);
      await reopen();
      await expectLog(1, sampleEntries(1, 10_000, 1));
      await store.write([truncate(1, 100)]);
      await reopen();
      await expectLog(1, sampleEntries(1, 100, 1));
    });

    test('entries that were read stay what they are', async () => {
      await store.write([append(1, sampleEntries(1, 2, 1, 50_000))]);
      const read = store.read(1, 1, 2, 1_000_000);
      await store.write([truncate(1, 0, sampleEntries(1, 40, 2, 50_000))]);
      store.read(1, 1, 40, 10_000_000);
      expect(plainEntries(read)).toEqual(sampleEntries(1, 2, 1, 50_000));
    });

    test('a payload belongs to the caller again once the write has resolved', async () => {
      const buffer = Buffer.from(sampleEntry(1, 1, 64).payload);
      await store.write([append(1, [{ ...sampleEntry(1, 1), payload: buffer.subarray(0, 64) }])]);
      buffer.fill(0);
      expect(readAll(1, 1)).toEqual([sampleEntry(1, 1, 64)]);
    });

    test('a write of nothing resolves', async () => {
      await store.write([]);
      await store.write([append(1, [])]);
      await expectLog(1, []);
    });

    test('refuses everything once it is closed, and closes twice', async () => {
      await store.close();
      await store.close();
      for (const refused of [store.write([append(1, [sampleEntry(1, 1)])]), store.recover(1)]) {
        expect(isStorageError(await refused.catch((e: unknown) => e), 'storage_closed')).toBe(true);
      }
      expectCode(() => store.read(1, 1, 1, 1), 'storage_closed');
      store = await fixture.open();
      await expectLog(1, []);
    });

    test('equals a simple model for random writes, compactions, truncations, reopenings and crashes', () => checkAgainstModel(makeFixture));
  });
}

function expectCode(action: () => unknown, code: StorageErrorCode): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `expected ${code}`).toMatchObject({ code });
}
