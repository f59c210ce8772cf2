import { describe, expect, test } from 'vitest';
import { defaultSnapshotPolicy, type SinceSnapshot, snapshotDue } from './snapshot-policy.ts';

const nothing: SinceSnapshot = { entries: 0, bytes: 0, ms: 0, snapshotBytes: 0 };
const since = (also: Partial<SinceSnapshot>): SinceSnapshot => ({ ...nothing, entries: 1, ...also });

describe('a snapshot is due', () => {
  test('never by itself without a policy, nor where nothing was applied', () => {
    expect(snapshotDue({}, since({ entries: 1e9, bytes: 1e12, ms: 1e12 }))).toBe(false);
    expect(snapshotDue({ entries: 1, bytes: 1, everyMs: 1 }, { ...nothing, bytes: 1e9, ms: 1e9 })).toBe(false);
  });

  test('after so many entries', () => {
    expect(snapshotDue({ entries: 100 }, since({ entries: 99 }))).toBe(false);
    expect(snapshotDue({ entries: 100 }, since({ entries: 100 }))).toBe(true);
  });

  test('after so many bytes, but no fewer than the last one has', () => {
    expect(snapshotDue({ bytes: 100 }, since({ bytes: 99 }))).toBe(false);
    expect(snapshotDue({ bytes: 100 }, since({ bytes: 100 }))).toBe(true);
    expect(snapshotDue({ bytes: 100 }, since({ bytes: 999, snapshotBytes: 1000 }))).toBe(false);
    expect(snapshotDue({ bytes: 100 }, since({ bytes: 1000, snapshotBytes: 1000 }))).toBe(true);
  });

  test('after so many entries, but not while they are little beside the last one', () => {
    expect(snapshotDue({ entries: 100 }, since({ entries: 5000, bytes: 99, snapshotBytes: 800 }))).toBe(false);
    expect(snapshotDue({ entries: 100 }, since({ entries: 5000, bytes: 100, snapshotBytes: 800 }))).toBe(true);
  });

  test('after so long', () => {
    expect(snapshotDue({ everyMs: 100 }, since({ ms: 99 }))).toBe(false);
    expect(snapshotDue({ everyMs: 100 }, since({ ms: 100, snapshotBytes: 1e12 }))).toBe(true);
  });

  test('by default for a long log and for a large one', () => {
    expect(snapshotDue(defaultSnapshotPolicy, since({ entries: 99_999, bytes: 2 ** 26 - 1 }))).toBe(false);
    expect(snapshotDue(defaultSnapshotPolicy, since({ entries: 100_000 }))).toBe(true);
    expect(snapshotDue(defaultSnapshotPolicy, since({ bytes: 2 ** 26 }))).toBe(true);
  });
});
