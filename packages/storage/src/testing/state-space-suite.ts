import type { KeyRange, KeyValue, StateReader } from '@flotilla/state-machine';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StateStore } from '../state-store.ts';
import { sampleRecord } from './sample-entries.ts';
import { text, textsOf } from './sample-texts.ts';
import type { MakeStateStoreFixture, StateStoreFixture } from './state-store-suite.ts';

/** The part of the conformance suite of `StateStore` that is about the spaces of its groups. */
export function testStateSpaces(makeFixture: MakeStateStoreFixture): void {
  describe('spaces', () => {
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

    async function reopen(): Promise<void> {
      await store.close();
      store = await fixture.open({});
    }

    function stage(pairs: Readonly<Record<string, string | null>>, group = 1): void {
      const space = store.space(group);
      for (const [key, value] of Object.entries(pairs)) {
        if (value === null) space.delete(text(key));
        else space.put(text(key), text(value));
      }
    }

    const commit = (applied: number, group = 1) => store.commit([{ group, applied, records: [] }]);
    const plain = (bytes: Uint8Array | undefined) => bytes && Uint8Array.from(bytes);
    const all = (reader: StateReader = store.space(1), range: KeyRange = {}) => textsOf(reader.range(range));

    test('begin empty', () => {
      expect(all()).toEqual([]);
      expect(store.space(1).get(text('a'))).toBeUndefined();
      store.space(1).delete(text('a'));
      expect(all()).toEqual([]);
    });

    test('show what is staged at once, and lose it unless it is committed', async () => {
      stage({ a: '1', b: '2' });
      expect(all()).toEqual(['a=1', 'b=2']);
      await commit(1);
      stage({ a: null, b: '3', c: '4' });
      expect(all()).toEqual(['b=3', 'c=4']);
      expect(store.space(1).get(text('a'))).toBeUndefined();
      await reopen();
      expect([store.applied(1), all()]).toEqual([1, ['a=1', 'b=2']]);
    });

    test('are committed with what is staged at the call, group by group', async () => {
      stage({ a: '1' });
      stage({ x: '9' }, 7);
      const first = commit(1);
      stage({ a: '2', b: '2' });
      await first;
      await reopen();
      expect([store.applied(1), all(), store.applied(7), all(store.space(7))]).toEqual([1, ['a=1'], 0, []]);
    });

    test('are read through everything that is on its way to the disk', async () => {
      for (let round = 1; round <= 30; round++) {
        stage({ [`k${round % 7}`]: String(round), [`old${round}`]: 'x', ...(round > 1 && { [`old${round - 1}`]: null }) });
        // Not awaited: the last commits are in memory, the first ones on the disk.
        const committed = commit(round);
        if (round % 4 === 0) await committed;
      }
      const expected = ['k0=28', 'k1=29', 'k2=30', 'k3=24', 'k4=25', 'k5=26', 'k6=27', 'old30=x'];
      for (let round = 0; round < 2; round++) {
        expect(all()).toEqual(expected);
        for (const each of expected)
          expect(plain(store.space(1).get(text(each.split('=')[0] ?? '')))).toEqual(text(each.split('=')[1] ?? ''));
        expect(store.space(1).get(text('old3'))).toBeUndefined();
        await commit(30);
        await reopen();
      }
    });

    test('are ordered by bytes, in both directions and within bounds', async () => {
      const keys = [[0], [0, 0], [0, 255], [1], [97], [97, 0], [98], [255], [255, 255, 255]].map((bytes) => Uint8Array.from(bytes));
      for (const [n, key] of keys.entries()) {
        store.space(1).put(key.slice(), Uint8Array.of(n));
        if (n % 3 === 0) await commit(n + 1);
        if (n === 6) await reopen();
        if (n === 6) for (const late of [4, 5, 6]) store.space(1).put(keys[late] as Uint8Array, Uint8Array.of(late));
      }
      const numbers = (range: KeyRange) => [...store.space(1).range(range)].map(([, value]) => value[0]);
      expect(numbers({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(numbers({ reverse: true })).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
      const [start, end] = [Uint8Array.of(0, 1), Uint8Array.of(98)];
      expect(numbers({ start, end })).toEqual([2, 3, 4, 5]);
      expect(numbers({ start, end, reverse: true })).toEqual([5, 4, 3, 2]);
      expect(numbers({ start: end, end: start })).toEqual([]);
      expect(numbers({ start: Uint8Array.of(255, 255, 255) })).toEqual([8]);
    });

    test.each([false, true])('may be written while they are read, downwards: %s', async (reverse) => {
      stage({ b: '0', d: '0', f: '0' });
      await commit(1);
      stage({ h: '0' });
      const read: string[] = [];
      for (const [key, value] of store.space(1).range({ reverse })) {
        read.push(...textsOf([[key, value]]));
        if (read.length === 1) stage({ b: null, h: null, d: null, a: '1', e: '1', i: '1', f: '2' });
      }
      expect(read).toEqual(reverse ? ['h=0', 'f=2', 'e=1', 'a=1'] : ['b=0', 'e=1', 'f=2', 'i=1']);
    });

    test('hold empty and large values, and the longest keys', async () => {
      const [long, large] = [new Uint8Array(1900).fill(255), new Uint8Array(300_000).fill(7)];
      store.space(1).put(long.slice(), large.slice());
      stage({ empty: '' });
      await commit(1);
      await reopen();
      expect(plain(store.space(1).get(long))).toEqual(large);
      expect(plain(store.space(1).get(text('empty')))).toEqual(new Uint8Array(0));
      for (const bad of [new Uint8Array(0), new Uint8Array(1901)]) expect(() => store.space(1).put(bad, large)).toThrow();
    });

    test('are left alone by a commit that breaks its contract', async () => {
      stage({ a: '1' });
      await expect(store.commit([{ group: 1, applied: 1, records: [sampleRecord(2)] }])).rejects.toThrow();
      await reopen();
      expect([store.applied(1), all()]).toEqual([0, []]);
    });

    test('have views, which stay as they are', async () => {
      stage({ a: '1', b: '1' });
      await commit(3);
      stage({ a: 'staged' });
      const view = await store.view(1);
      expect([view.index, all(view)]).toEqual([3, ['a=1', 'b=1']]);
      for (let applied = 4; applied < 40; applied++) {
        stage({ a: String(applied), b: null, [`c${applied}`]: 'x' });
        await commit(applied);
      }
      expect([view.index, all(view), plain(view.get(text('a')))]).toEqual([3, ['a=1', 'b=1'], text('1')]);
      expect(all(view, { start: text('b'), reverse: true })).toEqual(['b=1']);
      const later = await store.view(1);
      expect([later.index, all(later).length]).toEqual([39, 37]);
      for (const each of [view, view, later]) each.close();
      expect(() => view.get(text('a'))).toThrow(expect.objectContaining({ code: 'view_closed' }));
      expect(() => all(view)).toThrow(expect.objectContaining({ code: 'view_closed' }));
    });

    describe('are replaced', () => {
      async function* pairs(count: number, failsAt = Number.POSITIVE_INFINITY): AsyncGenerator<readonly KeyValue[], void, void> {
        for (let n = 0; n < count; n += 100) {
          if (n >= failsAt) throw new Error('no more');
          yield Array.from({ length: 100 }, (_, i) => [text(`new${String(n + i).padStart(6, '0')}`), text(String(n + i))] as const);
        }
      }

      test('as a whole, with applied index and journal', async () => {
        await store.commit([{ group: 1, applied: 5, records: [sampleRecord(2), sampleRecord(5)] }]);
        stage({ old: '1' });
        stage({ x: '1' }, 2);
        await store.commit([{ group: 1, applied: 6, records: [] }]);
        await commit(1, 2);
        stage({ staged: '1' });
        const view = await store.view(1);
        await store.install(1, 40, pairs(3000));
        for (let round = 0; round < 2; round++) {
          expect([store.applied(1), store.journalStart(1), store.journal(1, 41, 10)]).toEqual([40, 41, []]);
          expect(() => store.journal(1, 40, 1)).toThrow(expect.objectContaining({ code: 'journal_compacted' }));
          expect([all().length, all().at(0), all().at(-1)]).toEqual([3000, 'new000000=0', 'new002999=2999']);
          expect(all(store.space(2))).toEqual(['x=1']);
          if (round === 0) expect([view.index, all(view)]).toEqual([6, ['old=1']]);
          view.close();
          await reopen();
        }
        stage({ after: '1', new000001: null });
        await store.commit([{ group: 1, applied: 41, records: [sampleRecord(41)] }]);
        await reopen();
        expect([store.applied(1), all().length, all().at(0)]).toEqual([41, 3000, 'after=1']);
        expect(store.journal(1, 41, 10).map(({ index }) => index)).toEqual([41]);
      });

      test('again and again, by nothing too', async () => {
        for (const [applied, count] of [
          [10, 500],
          [10, 200],
          [20, 0],
          [30, 100],
        ] as const) {
          await store.install(1, applied, pairs(count));
          expect([store.applied(1), all().length]).toEqual([applied, count]);
          if (applied > 10) await reopen();
        }
      });

      test('not at all where that fails', async () => {
        stage({ old: '1' });
        await store.commit([{ group: 1, applied: 5, records: [sampleRecord(5)] }]);
        await expect(store.install(1, 40, pairs(3000, 2000))).rejects.toThrow('no more');
        await expect(store.install(1, 4, pairs(100))).rejects.toThrow();
        for (let round = 0; round < 2; round++) {
          expect([store.applied(1), store.journalStart(1), all()]).toEqual([5, 1, ['old=1']]);
          await reopen();
        }
        await store.install(1, 41, pairs(100));
        expect([store.applied(1), all().length]).toEqual([41, 100]);
      });
    });
  });
}
