import { defaultRaftConfig } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import { leasesHold } from '../../src/invariants/leases-hold.ts';
import { memoryIsBounded } from '../../src/invariants/memory-is-bounded.ts';
import { readsAreCovered } from '../../src/invariants/reads-are-covered.ts';
import { appends, committed, disk, entriesOf, entry, follower, holding, leading, progress, step, told } from './hand-made.ts';

describe('reads-are-covered', () => {
  const leader = follower(2, { term: 2, role: leading(), ...holding(entriesOf(1)), commitIndex: 1 });
  const registered = (index: number | null) =>
    step(leader, { role: leading({ reads: [] }) }, [
      { kind: 'read-registered', read: { id: 1, from: null, ready: index === null ? null : { index, round: 1 } } },
    ]);
  const answered = step(leader, { role: leading({ reads: [] }) }, [{ kind: 'reads-answered', count: 1 }]);

  test('holds for an index that covers what was committed', () => {
    const to = told(readsAreCovered);
    committed(to, entriesOf(1));
    to.onStep(2, registered(1));
    to.onStep(2, answered);
  });

  test('holds for a read that waits for the opening entry', () => {
    const to = told(readsAreCovered);
    committed(to, entriesOf(1));
    to.onStep(2, registered(null));
    to.onStep(2, step(leader, { role: leading() }, [{ kind: 'reads-readied', index: 1, round: 2 }]));
    to.onStep(2, answered);
  });

  test('is broken by an index that is too low, or that there is none', () => {
    const to = told(readsAreCovered);
    committed(to, entriesOf(1, 1));
    to.onStep(2, registered(1));
    expect(() => to.onStep(2, answered)).toThrow(
      'reads-are-covered: member 2 answers a read at 1, and 2 was committed before it was asked for',
    );
    to.onStep(2, registered(null));
    expect(() => to.onStep(2, answered)).toThrow('answers a read at null');
    to.onStep(2, registered(7));
    expect(() => to.onStep(2, answered)).toThrow('answers a read at 7, and the leaders have committed 2');
  });

  test('forgets the reads of a leader that steps down', () => {
    const to = told(readsAreCovered);
    committed(to, entriesOf(1, 1));
    to.onStep(2, registered(1));
    to.onStep(2, step(leader, { role: { kind: 'follower' } }));
    to.onStep(2, registered(2));
    to.onStep(2, answered);
  });
});

describe('leases-hold', () => {
  const asked = { kind: 'read-requested', id: 1, lease: true, now: 0, wallTime: 0 } as const;
  const leader = follower(2, { term: 2, role: leading(), ...holding(entriesOf(1)), commitIndex: 1 });

  test('holds for a leader that knows of everything, and for one that asks for a round', () => {
    const to = told(leasesHold);
    committed(to, entriesOf(1));
    to.onStep(2, step(leader, {}, [], asked));
    const waits = [{ kind: 'read-registered', read: { id: 1, from: null, ready: { index: 1, round: 1 } } }] as const;
    const other = told(leasesHold);
    committed(other, entriesOf(1, 1));
    other.onStep(2, step(leader, {}, waits, asked));
  });

  test('is broken by a leader that was replaced and does not know', () => {
    const to = told(leasesHold);
    committed(to, entriesOf(1, 1));
    expect(() => to.onStep(2, step(leader, {}, [], asked))).toThrow(
      'leases-hold: member 2 answers a read at 1 by its lease of term 2, and 2 is committed',
    );
  });
});

describe('memory-is-bounded', () => {
  const config = {
    ...defaultRaftConfig,
    appendEntriesMax: 2,
    appendBytesMax: 10,
    inflightAppendsMax: 2,
    inflightEntriesMax: 4,
    inflightBytesMax: 10,
    uncommittedEntriesMax: 3,
    pendingReadsMax: 1,
  };
  const leader = follower(1, { config, term: 1, role: leading(), ...holding(entriesOf(1)) });
  const append = (...lengths: readonly number[]) =>
    ({
      kind: 'append',
      term: 1,
      prevIndex: 0,
      prevTerm: 0,
      commit: 0,
      entries: lengths.map((length, i) => entry(i + 1, 1, 'x'.repeat(length))),
    }) as const;

  test('holds within the bounds, and for one entry of any size', () => {
    const to = told(memoryIsBounded);
    to.onStarted(1, follower(1, { config }), disk(0, null));
    to.onSend(1, 2, append(5, 5));
    to.onSend(1, 2, append(500));
    to.onStep(1, step(leader, { role: leading({ reads: [{ id: 1, from: null, ready: null }] }) }));
  });

  test('is broken by an append with too many entries or bytes', () => {
    const to = told(memoryIsBounded);
    to.onStarted(1, follower(1, { config }), disk(0, null));
    expect(() => to.onSend(1, 2, append(1, 1, 1))).toThrow('memory-is-bounded: member 1 sends member 2 3 entries of 3 bytes at once');
    expect(() => to.onSend(1, 2, append(6, 6))).toThrow('2 entries of 12 bytes at once');
  });

  test.each([
    ['3 appends on their way', [1, 2, 3].map((lastIndex) => ({ lastIndex, bytes: 1, sentAt: 0 }))],
    ['from 0 to 5', [{ lastIndex: 5, bytes: 1, sentAt: 0 }]],
    ['11 bytes before the last', [1, 2].map((lastIndex) => ({ lastIndex, bytes: 11, sentAt: 0 }))],
  ])('is broken by a window that is too wide: %s', (what, inflight) => {
    const to = told(memoryIsBounded);
    const role = leading({ progress: new Map([[2, progress({ inflight })]]) });
    const noted = { kind: 'append-noted', peer: 2, lastIndex: 5, bytes: 1, at: 0 } as const;
    expect(() => to.onStep(1, step(leader, { role }, [noted]))).toThrow(what);
  });

  test('is broken by too many reads, or entries that are not committed', () => {
    const to = told(memoryIsBounded);
    const reads = [1, 2].map((id) => ({ id, from: null, ready: null }));
    expect(() => to.onStep(1, step(leader, { role: leading({ reads }) }))).toThrow('member 1 has 2 reads waiting');
    const full = { ...leader, role: leading({ uncommitted: [{ lastIndex: 1, payloadBytes: 3 }] }) };
    const more = appends(full, [entry(2, 1), entry(3, 1), entry(4, 1)], { role: leading() });
    expect(() => to.onStep(1, more)).toThrow('member 1 has 4 entries up to 4 that are not committed');
  });
});
