import { foundingMembership, type GroupId, type Index, type SnapshotInfo } from '@flotilla/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { partBytesMax, type SnapshotPosition, type SnapshotStore } from '../snapshot-store.ts';

/** One place where snapshots are kept. `open` opens the store on it, after the previous one is out of use. */
export interface SnapshotStoreFixture {
  open(): Promise<SnapshotStore>;
  /** Cuts the power: what `open` gave last is gone. Absent for a store that keeps snapshots only as long as it lives. */
  crash?(): Promise<void>;
  /** Removes the place. */
  dispose?(): Promise<void>;
}

export type MakeSnapshotStoreFixture = () => SnapshotStoreFixture | Promise<SnapshotStoreFixture>;

/** The conformance suite of the port `SnapshotStore`: call it at the top level of a vitest file. Each test gets a new place. */
export function testSnapshotStore(name: string, makeFixture: MakeSnapshotStoreFixture): void {
  describe(`${name} is a SnapshotStore`, () => {
    let fixture: SnapshotStoreFixture;
    let store: SnapshotStore;

    beforeEach(async () => {
      fixture = await makeFixture();
      store = await fixture.open();
      return () => fixture.dispose?.();
    });

    async function expectNewest(info: SnapshotInfo | null, bytes: Uint8Array, group: GroupId = 1): Promise<void> {
      expect(await store.newest(group)).toEqual(info);
      if (info !== null) expect(firstDifference(await loaded(group, info.id), bytes)).toBeNull();
    }

    async function loaded(group: GroupId, id: string): Promise<Uint8Array> {
      let bytes = new Uint8Array(0);
      for await (const part of store.load(group, id)) {
        expect(part.length).toBeLessThanOrEqual(partBytesMax);
        const longer = new Uint8Array(bytes.length + part.length);
        longer.set(bytes);
        longer.set(part, bytes.length);
        bytes = longer;
      }
      return bytes;
    }

    function save(index: Index, bytes: Uint8Array, group: GroupId = 1): Promise<SnapshotInfo> {
      return store.save(group, position(index), partsOf(bytes, 300));
    }

    /** A snapshot of another member. What it is called does not depend on who has it. */
    async function foreign(index: Index, size: number): Promise<{ readonly info: SnapshotInfo; readonly bytes: Uint8Array }> {
      const bytes = stateBytes(size);
      return { info: await save(index, bytes, 99), bytes };
    }

    async function receiveAll(info: SnapshotInfo, bytes: Uint8Array, partBytes: number): Promise<void> {
      for (let offset = 0; offset < bytes.length; offset += partBytes) {
        await store.receive(1, info, offset, bytes.slice(offset, offset + partBytes));
      }
    }

    test('has nothing at the beginning', async () => {
      expect(await store.newest(1)).toBeNull();
      expect(await store.read(1, 'none', 0, 100)).toBeNull();
      await expect(loaded(1, 'none')).rejects.toThrow(expect.objectContaining({ code: 'snapshot_missing' }));
    });

    test('what was saved is the newest, named after its bytes', async () => {
      const info = await store.save(1, position(5), partsOf(new TextEncoder().encode('abc'), 2));
      const id = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      expect(info).toEqual({ ...position(5), id, size: 3 });
      await expectNewest(info, new TextEncoder().encode('abc'));
    });

    test('takes a state in parts of any size, and gives it back in parts of moderate size', async () => {
      const bytes = stateBytes(2 * partBytesMax + 1_000);
      const info = await store.save(1, position(5), partsOf(bytes, bytes.length));
      expect(info.size).toBe(bytes.length);
      await expectNewest(info, bytes);
      expect(await store.save(1, position(6), partsOf(bytes, 50_021))).toEqual({ ...info, ...position(6) });
      await expectNewest({ ...info, ...position(6) }, bytes);
    });

    test('asks for a part when it has taken the one before', async () => {
      const buffer = new Uint8Array(100);
      async function* reused(): AsyncGenerator<Uint8Array, void, void> {
        for (let i = 1; i <= 3; i++) yield buffer.fill(i);
        buffer.fill(0);
      }
      const info = await store.save(1, position(5), reused());
      const expected = Uint8Array.from({ length: 300 }, (_, i) => Math.floor(i / 100) + 1);
      await expectNewest(info, expected);
    });

    test('keeps nothing of a state whose parts fail', async () => {
      const older = await save(2, stateBytes(2));
      async function* failing(): AsyncGenerator<Uint8Array, void, void> {
        yield stateBytes(500);
        throw new Error('the machine cannot say more');
      }
      await expect(store.save(1, position(5), failing())).rejects.toThrow('the machine cannot say more');
      await expectNewest(older, stateBytes(2));
      await expectNewest(await save(5, stateBytes(700)), stateBytes(700));
    });

    test('an empty state is a state', async () => {
      const info = await save(5, new Uint8Array(0));
      expect(info.size).toBe(0);
      await expectNewest(info, new Uint8Array(0));
    });

    test('hands out parts, the last one as long as there is something left', async () => {
      const bytes = stateBytes(1_000);
      const { id } = await save(5, bytes);
      expect(plain(await store.read(1, id, 0, 600))).toEqual(bytes.slice(0, 600));
      expect(plain(await store.read(1, id, 600, 600))).toEqual(bytes.slice(600));
      expect(plain(await store.read(1, id, 1_000, 600))).toEqual(new Uint8Array(0));
    });

    test('the newest is that of the highest index, whatever was saved last', async () => {
      const later = await save(9, stateBytes(9));
      await save(5, stateBytes(5));
      await expectNewest(later, stateBytes(9));
    });

    test('one that was read from lately stays while newer ones come', async () => {
      const bytes = stateBytes(500);
      const { id } = await save(1, bytes);
      await store.read(1, id, 0, 100);
      for (let index = 2; index < 10; index++) await save(index, stateBytes(index));
      expect(plain(await store.read(1, id, 100, 400))).toEqual(bytes.slice(100));
    });

    test('one that is being loaded stays until all of it was', async () => {
      const bytes = stateBytes(2 * partBytesMax + 1_000);
      const { id } = await save(5, bytes);
      const found = new Uint8Array(bytes.length);
      let length = 0;
      for await (const part of store.load(1, id)) {
        found.set(part, length);
        length += part.length;
        for (const index of [6, 7, 8]) await save(index, stateBytes(index));
      }
      expect(firstDifference(found, bytes)).toBeNull();
      await save(9, stateBytes(9));
      await expect(loaded(1, id)).rejects.toThrow(expect.objectContaining({ code: 'snapshot_missing' }));
    });

    test('a machine that did not change has equal snapshots in two places', async () => {
      const bytes = stateBytes(50);
      const later = await save(9, bytes);
      const earlier = await save(5, bytes);
      expect(earlier.id).toBe(later.id);
      await expectNewest(later, bytes);
    });

    test('groups do not see each other', async () => {
      const first = await save(3, stateBytes(3));
      const second = await save(4, stateBytes(4), 2 ** 32 - 1);
      await expectNewest(first, stateBytes(3));
      await expectNewest(second, stateBytes(4), 2 ** 32 - 1);
      expect(await store.read(1, second.id, 0, 10)).toBeNull();
    });

    test('what was received in parts is the newest once it is complete, and not before', async () => {
      const { info, bytes } = await foreign(8, 1_000);
      await receiveAll(info, bytes, 300);
      expect(await store.newest(1)).toBeNull();
      expect(await store.complete(1, info)).toBe(true);
      await expectNewest(info, bytes);
    });

    test('a part belongs to the caller again once it is received', async () => {
      const { info, bytes } = await foreign(8, 100);
      const part = bytes.slice();
      await store.receive(1, info, 0, part);
      part.fill(0);
      expect(await store.complete(1, info)).toBe(true);
    });

    test('offset 0 begins anew, also for another snapshot', async () => {
      const [first, second] = [await foreign(8, 1_000), await foreign(9, 700)];
      await store.receive(1, first.info, 0, first.bytes.slice(0, 900));
      await receiveAll(second.info, second.bytes, 250);
      expect(await store.complete(1, second.info)).toBe(true);
      await expectNewest(second.info, second.bytes);
    });

    test.each([
      ['a part is missing', (bytes: Uint8Array) => bytes.slice(0, 500)],
      ['a bit is wrong', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 700 ? byte ^ 1 : byte))],
    ])('throws away what is not intact: %s', async (_, damaged) => {
      const older = await save(2, stateBytes(2));
      const { info, bytes } = await foreign(8, 1_000);
      await receiveAll(info, damaged(bytes), 300);
      expect(await store.complete(1, info)).toBe(false);
      expect(await store.complete(1, info)).toBe(false);
      await expectNewest(older, stateBytes(2));
      await receiveAll(info, bytes, 300);
      expect(await store.complete(1, info)).toBe(true);
      await expectNewest(info, bytes);
    });

    test('an empty state is received in one part without a byte', async () => {
      const { info, bytes } = await foreign(8, 0);
      await store.receive(1, info, 0, bytes);
      expect(await store.complete(1, info)).toBe(true);
      await expectNewest(info, bytes);
    });

    test('nothing that was received is not complete', async () => {
      expect(await store.complete(1, (await foreign(8, 10)).info)).toBe(false);
    });

    test('what was saved or completed survives a power cut, what was received only in part does not count', async () => {
      await save(5, stateBytes(50));
      const { info, bytes } = await foreign(8, 1_000);
      await receiveAll(info, bytes, 300);
      expect(await store.complete(1, info)).toBe(true);
      const half = await foreign(12, 1_000);
      await store.receive(1, half.info, 0, half.bytes.slice(0, 500));
      if (fixture.crash) {
        await fixture.crash();
        store = await fixture.open();
      }
      await expectNewest(info, bytes);
      expect(await store.complete(1, half.info)).toBe(false);
      await receiveAll(half.info, half.bytes, 400);
      expect(await store.complete(1, half.info)).toBe(true);
    });
  });
}

function stateBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
}

function position(index: Index): SnapshotPosition {
  const member = { peerAddress: 'p', clientAddress: 'c', voter: true, witness: false, priority: 0 };
  return {
    index,
    term: 2,
    time: 1_000 + index,
    membership: foundingMembership([{ id: 1, ...member }]),
    machine: { name: 'list', version: 3 },
  };
}

async function* partsOf(bytes: Uint8Array, partBytes: number): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = 0; offset < bytes.length; offset += partBytes) yield bytes.slice(offset, offset + partBytes);
}

/** Where two states begin to differ; null where they are equal. Cheaper than a deep comparison, for large ones. */
function firstDifference(actual: Uint8Array, expected: Uint8Array): number | null {
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  if (at >= 0) return at;
  return actual.length === expected.length ? null : actual.length;
}

/** Stores may return any kind of byte array. */
function plain(bytes: Uint8Array | null): Uint8Array | null {
  return bytes && new Uint8Array(bytes);
}
