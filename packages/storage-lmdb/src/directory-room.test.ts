import { afterEach, expect, test, vi } from 'vitest';
import { DirectoryRoom, type DirectoryRoomOptions } from './directory-room.ts';

const mib = 2 ** 20;
const options = { scarceBytes: 100 * mib, exhaustedBytes: 40 * mib, reserveBytes: 4 * mib, checkIntervalMs: 1_000 };
let free = 0;
let room: DirectoryRoom | null = null;

afterEach(() => {
  room?.close();
  vi.useRealTimers();
});

function watch(freeMib: number, change: DirectoryRoomOptions = options) {
  free = freeMib * mib;
  room = new DirectoryRoom('', change, () => {
    if (Number.isNaN(free)) throw new Error('input/output error');
    return { freeBytes: free, sizeBytes: 200 * mib };
  });
  const changes: string[] = [];
  room.onChange((to) => changes.push(to));
  return { room, changes };
}

test('tells little room from none, and is better only once there is clearly more', () => {
  const { room, changes } = watch(100);
  const expected = [
    [100, 'ample'],
    [99, 'scarce'],
    [110, 'scarce'],
    [40, 'scarce'],
    [39, 'exhausted'],
    [49, 'exhausted'],
    [50, 'scarce'],
    [124, 'scarce'],
    [125, 'ample'],
    [10, 'exhausted'],
    [125, 'ample'],
  ] as const;
  for (const [now, is] of expected) {
    free = now * mib;
    room.check();
    expect([now, room.room]).toEqual([now, is]);
  }
  expect(changes).toEqual(['scarce', 'exhausted', 'scarce', 'ample', 'exhausted', 'ample']);
});

test('looks now and then by itself', () => {
  vi.useFakeTimers();
  const { room, changes } = watch(200);
  free = 10 * mib;
  vi.advanceTimersByTime(999);
  expect(room.room).toBe('ample');
  vi.advanceTimersByTime(1);
  expect(changes).toEqual(['exhausted']);
  free = 200 * mib;
  vi.advanceTimersByTime(1_000);
  expect(changes).toEqual(['exhausted', 'ample']);
});

test('looks before what it was told to be written can have used the room up', () => {
  const { room } = watch(200);
  for (; room.room !== 'exhausted' && free > 0; free -= 3 * mib) room.take(3 * mib);
  expect(free / mib).toBeGreaterThan(32);
});

test('small writes go on with the reserve, and fail only at its end', () => {
  const { room } = watch(10);
  expect(room.room).toBe('exhausted');
  room.take(mib);
  expect(() => room.take(7 * mib)).toThrow('the file system is full: 10485760 bytes are left, 11534336 are needed');
  free = 3 * mib;
  expect(() => room.take(1)).toThrow('the file system is full');
  free = 200 * mib;
  room.take(1);
  expect(room.room).toBe('ample');
});

test('what is little depends on the size of the disk', () => {
  const { room } = watch(80, {});
  expect(room.room).toBe('ample');
  free = 70 * mib;
  room.check();
  expect(room.room).toBe('scarce');
  free = 49 * mib;
  room.check();
  expect(room.room).toBe('exhausted');
});

test('a file system that does not answer stops no timer, and fails the next write', () => {
  vi.useFakeTimers();
  const { room, changes } = watch(200);
  free = Number.NaN;
  vi.advanceTimersByTime(1_000);
  expect(() => room.take(1)).toThrow('input/output error');
  free = 10 * mib;
  vi.advanceTimersByTime(1_000);
  expect(changes).toEqual(['exhausted']);
});
