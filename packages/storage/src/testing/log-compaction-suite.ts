import { type GroupId, type Index, type LogBase, lastTerm, type PlacedMembership, type Term } from '@flotilla/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogStore, LogWrite } from '../log-store.ts';
import { isStorageError } from '../storage-error.ts';
import type { LogStoreFixture, MakeLogStoreFixture } from './log-store-suite.ts';
import {
  append,
  compact,
  plainEntries,
  sampleBase,
  sampleEntries,
  sampleEntry,
  sampleMembership,
  truncate,
  vote,
} from './sample-entries.ts';

/** The part of the conformance suite of `LogStore` that is about where logs begin. */
export function testCompaction(name: string, makeFixture: MakeLogStoreFixture): void {
  describe(`${name} begins its logs where it is told`, () => {
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

    /** Expects the log to begin with `base`, to go on with `entries`, and to have nothing else, before and after reopening. */
    async function expectLog(base: LogBase | null, entries: ReturnType<typeof sampleEntries>, group: GroupId = 1): Promise<void> {
      for (const again of [reopen, async () => {}]) {
        const { log, ...recovered } = await store.recover(group);
        const first = (base?.index ?? 0) + 1;
        expect(recovered).toMatchObject({ base, lastTime: entries.at(-1)?.time ?? base?.time ?? 0 });
        expect(log).toMatchObject({ snapshotIndex: first - 1, snapshotTerm: base?.term ?? 0, lastIndex: first - 1 + entries.length });
        expect(lastTerm(log)).toBe(entries.at(-1)?.term ?? base?.term ?? 0);
        expect(recovered.memberships).toEqual(placed(base, entries));
        if (entries.length > 0) expect(plainEntries(store.read(group, first, log.lastIndex, 10_000_000))).toEqual(entries);
        for (const outside of [first - 1, log.lastIndex + 1]) {
          expect(() => store.read(group, outside, outside, 1_000)).toThrow(expect.objectContaining({ code: 'log_out_of_range' }));
        }
        await again();
      }
    }

    test('the membership that a group was founded with is kept at index 0', async () => {
      await store.write([compact(1, sampleBase(0, 0))]);
      await expectLog(sampleBase(0, 0), []);
      await store.write([append(1, sampleEntries(1, 25, 1))]);
      await expectLog(sampleBase(0, 0), sampleEntries(1, 25, 1));
      expect((await store.recover(1)).memberships.map(({ index }) => index)).toEqual([0, 11, 22]);
    });

    test('memberships that were truncated are gone, and those that stand in their place are there', async () => {
      await store.write([compact(1, sampleBase(0, 0), sampleEntries(1, 25, 1))]);
      await store.write([truncate(1, 10, sampleEntries(11, 12, 2))]);
      expect((await store.recover(1)).memberships.slice(1)).toEqual([{ index: 11, membership: sampleMembership(11, 2) }]);
    });

    test('what lies before the beginning goes, the rest stays', async () => {
      await store.write([append(1, [...sampleEntries(1, 4, 1), ...sampleEntries(5, 30, 2)])]);
      await store.write([compact(1, sampleBase(2, 1))]);
      await expectLog(sampleBase(2, 1), [...sampleEntries(3, 4, 1), ...sampleEntries(5, 30, 2)]);
      await store.write([compact(1, sampleBase(23, 2), sampleEntries(31, 34, 3))]);
      await expectLog(sampleBase(23, 2), [...sampleEntries(24, 30, 2), ...sampleEntries(31, 34, 3)]);
    });

    test('a log can be compacted to nothing, and goes on from there', async () => {
      await store.write([append(1, sampleEntries(1, 9, 1))]);
      await store.write([compact(1, sampleBase(9, 1))]);
      await expectLog(sampleBase(9, 1), []);
      await store.write([append(1, sampleEntries(10, 12, 2))]);
      await expectLog(sampleBase(9, 1), sampleEntries(10, 12, 2));
    });

    test('saying again where the log begins removes nothing, and may correct the rest', async () => {
      await store.write([append(1, sampleEntries(1, 9, 1)), compact(1, sampleBase(5, 1))]);
      const again = { ...sampleBase(5, 1), time: 7, membership: sampleMembership(1, 1) };
      await store.write([compact(1, again)]);
      await expectLog(again, sampleEntries(6, 9, 1));
    });

    test.each([
      ['an empty log', [], 40, 3],
      ['a shorter log', sampleEntries(1, 9, 1), 40, 3],
      ['a longer log with another term there', sampleEntries(1, 60, 1), 40, 3],
      ['a longer log with a run of another term from there', [...sampleEntries(1, 39, 1), ...sampleEntries(40, 60, 2)], 40, 3],
    ])('a snapshot over %s replaces all of it', async (_, entries, index, term) => {
      await store.write([append(1, entries)]);
      await store.write([compact(1, sampleBase(index, term))]);
      await expectLog(sampleBase(index, term), []);
      await store.write([append(1, sampleEntries(index + 1, index + 5, 4))]);
      await expectLog(sampleBase(index, term), sampleEntries(index + 1, index + 5, 4));
    });

    test('a beginning of another term replaces all of it', async () => {
      await store.write([append(1, sampleEntries(1, 9, 1)), compact(1, sampleBase(5, 1))]);
      await store.write([compact(1, sampleBase(5, 2), sampleEntries(6, 7, 3))]);
      await expectLog(sampleBase(5, 2), sampleEntries(6, 7, 3));
    });

    test('one write applies vote, beginning, truncation and entries in this order', async () => {
      await store.write([append(1, sampleEntries(1, 20, 1))]);
      const write: LogWrite = {
        group: 1,
        hardState: { term: 4, vote: 2 },
        base: sampleBase(8, 1),
        truncateAfter: 10,
        entries: sampleEntries(11, 13, 4),
      };
      await store.write([write]);
      await expectLog(sampleBase(8, 1), [...sampleEntries(9, 10, 1), ...sampleEntries(11, 13, 4)]);
      expect((await store.recover(1)).hardState).toEqual({ term: 4, vote: 2 });
    });

    test('several beginnings in one call, and in calls that nobody waits for', async () => {
      await Promise.all([
        store.write([append(1, sampleEntries(1, 20, 1)), compact(1, sampleBase(5, 1)), compact(1, sampleBase(11, 1))]),
        store.write([append(1, sampleEntries(21, 30, 2)), append(2, sampleEntries(1, 3, 1))]),
        store.write([compact(1, sampleBase(25, 2)), compact(2, sampleBase(90, 9), sampleEntries(91, 91, 9))]),
        store.write([append(1, sampleEntries(31, 33, 2))]),
      ]);
      await expectLog(sampleBase(25, 2), sampleEntries(26, 33, 2));
      await expectLog(sampleBase(90, 9), sampleEntries(91, 91, 9), 2);
    });

    test('goes on after reopening without a recover in between', async () => {
      await store.write([append(1, sampleEntries(1, 20, 1)), compact(1, sampleBase(5, 1))]);
      await reopen();
      await store.write([compact(1, sampleBase(9, 1), sampleEntries(21, 22, 2))]);
      await expectLog(sampleBase(9, 1), [...sampleEntries(10, 20, 1), ...sampleEntries(21, 22, 2)]);
    });

    test('groups do not see each other', async () => {
      const groups = [1, 255, 256, 2 ** 32 - 1];
      await store.write(groups.map((group) => append(group, sampleEntries(1, 20, 1))));
      await store.write([compact(255, sampleBase(20, 1)), compact(256, sampleBase(500, 7))]);
      await expectLog(null, sampleEntries(1, 20, 1), 1);
      await expectLog(sampleBase(20, 1), [], 255);
      await expectLog(sampleBase(500, 7), [], 256);
      await expectLog(null, sampleEntries(1, 20, 1), 2 ** 32 - 1);
    });

    test('thousands of entries go at once while others come', async () => {
      await store.write([append(1, sampleEntries(1, 12_000, 1))]);
      await Promise.all([
        store.write([compact(1, sampleBase(11_990, 1))]),
        ...Array.from({ length: 20 }, (_, i) => store.write([append(1, sampleEntries(12_001 + i, 12_001 + i, 1))])),
      ]);
      await expectLog(sampleBase(11_990, 1), sampleEntries(11_991, 12_020, 1));
    });

    test.each([
      ['a beginning before the beginning', compact(1, sampleBase(4, 1))],
      ['a beginning at no index', compact(1, { ...sampleBase(4, 1), index: Number.NaN })],
      ['a truncation before the beginning', truncate(1, 4)],
      ['an entry that does not follow the beginning', compact(1, sampleBase(50, 1), [sampleEntry(52, 1)])],
    ])('%s is a log_gap, and nothing at all is written', async (_, bad) => {
      await store.write([append(1, sampleEntries(1, 9, 1)), compact(1, sampleBase(5, 1))]);
      const error = await store.write([vote(1, { term: 9, vote: 9 }), compact(1, sampleBase(7, 1)), bad]).catch((e: unknown) => e);
      expect(isStorageError(error, 'log_gap')).toBe(true);
      await expectLog(sampleBase(5, 1), sampleEntries(6, 9, 1));
      expect((await store.recover(1)).hardState).toEqual({ term: 0, vote: null });
    });
  });
}

/** The memberships that a log with this beginning and these entries has. */
export function placed(base: LogBase | null, entries: readonly { readonly index: Index; readonly term: Term; readonly kind: string }[]) {
  const memberships: PlacedMembership[] = base === null ? [] : [{ index: base.index, membership: base.membership }];
  for (const { index, term, kind } of entries) {
    if (kind === 'membership') memberships.push({ index, membership: sampleMembership(index, term) });
  }
  return memberships;
}
