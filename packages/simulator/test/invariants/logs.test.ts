import { describe, expect, test } from 'vitest';
import { diskHoldsTheLog } from '../../src/invariants/disk-holds-the-log.ts';
import { leaderAppendOnly } from '../../src/invariants/leader-append-only.ts';
import { logMatching } from '../../src/invariants/log-matching.ts';
import { promisesAreDurable } from '../../src/invariants/promises-are-durable.ts';
import { appends, committed, disk, entriesOf, entry, follower, holding, leading, logOf, step, told, wins } from './hand-made.ts';

describe('log-matching', () => {
  test('holds for equal entries, and for different ones of different terms', () => {
    const to = told(logMatching);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onStep(2, appends(follower(2), [entry(1, 1)]));
    to.onStep(3, appends(follower(3), [entry(1, 2, 'other')]));
    to.onStep(3, appends(follower(3), [entry(1, 1)]));
  });

  test('is broken by another payload', () => {
    const to = told(logMatching);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    const other = appends(follower(2, holding([entry(1, 1)])), [entry(2, 1, 'forged')]);
    expect(() => to.onStep(2, other)).toThrow('log-matching: the payload of entry 2 of term 1 is another one on member 2');
  });

  test('is broken by another time, kind or predecessor', () => {
    const to = told(logMatching);
    to.onStep(1, appends(follower(1), entriesOf(1, 1, 3)));
    const two = follower(2, holding(entriesOf(1, 2)));
    expect(() => to.onStep(2, appends(two, [entry(3, 3)]))).toThrow('the predecessor of entry 3 of term 3');
    expect(() => to.onStep(2, appends(follower(2), [entry(1, 1, undefined, { time: 5 })]))).toThrow('the time of entry 1');
    expect(() => to.onStep(2, appends(follower(2), [entry(1, 1, undefined, { kind: 'no-op' })]))).toThrow('the kind of entry 1');
  });

  test('is broken by log time that goes back', () => {
    const to = told(logMatching);
    const late = entry(1, 1, 'late', { time: 9000 });
    expect(() => to.onStep(1, appends(follower(1), [late, entry(2, 1)]))).toThrow('log time goes back at entry 2 of term 1');
  });

  test('does not expect payloads of witnesses', () => {
    const to = told(logMatching);
    to.onStep(3, appends(follower(3, { witness: true }), [entry(1, 1, '')]));
    to.onStep(1, appends(follower(1), [entry(1, 1, 'text')]));
    to.onStep(3, appends(follower(3, { witness: true }), [entry(1, 1, '')]));
    expect(() => to.onStep(2, appends(follower(2), [entry(1, 1, 'other')]))).toThrow('the payload of entry 1');
  });
});

describe('leader-append-only', () => {
  const leader = follower(1, { term: 2, role: leading(), ...holding(entriesOf(1, 2)) });

  test('holds for entries of its term at its end', () => {
    const to = told(leaderAppendOnly);
    to.onStep(1, appends(leader, [entry(3, 2), entry(4, 2)]));
  });

  test('is broken by a truncation', () => {
    const to = told(leaderAppendOnly);
    const cut = step(leader, { log: logOf(entriesOf(1)) }, [{ kind: 'log-truncated', after: 1 }]);
    expect(() => to.onStep(1, cut)).toThrow('leader-append-only: member 1 leads term 2, and there is a log-truncated event');
  });

  test('is broken by an entry of another term, or that comes nowhere from', () => {
    const to = told(leaderAppendOnly);
    expect(() => to.onStep(1, appends(leader, [entry(3, 1)]))).toThrow('puts entry 3 of term 1 behind 2');
    expect(() => to.onStep(1, step(leader, { log: logOf(entriesOf(1, 2, 2)) }))).toThrow('ends at 3 instead of 2');
  });
});

describe('disk-holds-the-log', () => {
  const persists = (index: number) => step(follower(1, { log: logOf(entriesOf(1, 1)), persistedIndex: 0 }), { persistedIndex: index });

  test('holds where the disk is ahead of what the member knows', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onDurable(1, disk(1, null, entriesOf(1, 1)));
    to.onStep(1, persists(2));
  });

  test('holds through a truncation', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onDurable(1, disk(1, null, entriesOf(1, 1)));
    to.onStep(1, appends(follower(1, holding(entriesOf(1))), [entry(2, 2)]));
    to.onDurable(1, disk(2, null, [entry(1, 1), entry(2, 2)]));
  });

  test('expects nothing of a disk that was wiped', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onDurable(1, disk(1, null, entriesOf(1, 1)));
    to.onWiped(1);
    to.onStarted(1, follower(1), disk(0, null));
    expect(to.known.disks.get(1)?.log.lastIndex).toBe(0);
  });

  test('is broken by a member that takes for persisted what its disk has not', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onDurable(1, disk(1, null, entriesOf(1)));
    expect(() => to.onStep(1, persists(2))).toThrow('disk-holds-the-log: member 1 takes entry 2 for persisted, and its disk has up to 1');
  });

  test('is broken by a disk that has an entry of another term', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(2, appends(follower(2, holding(entriesOf(1))), [entry(2, 2)]));
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    to.onDurable(1, disk(2, null, [entry(1, 1), entry(2, 2)]));
    expect(() => to.onStep(1, persists(2))).toThrow('takes entry 2 of term 1 for persisted, and its disk has term 2');
  });

  test('is broken by a disk that changes or invents an entry', () => {
    const to = told(diskHoldsTheLog);
    to.onStep(1, appends(follower(1), entriesOf(1, 1)));
    expect(() => to.onDurable(1, disk(1, null, [entry(1, 1), entry(2, 1, 'rotten')]))).toThrow('entry 2 of term 1 on the disk of member 1');
    expect(() => to.onDurable(2, disk(1, null, [entry(1, 7)]))).toThrow('entry 1 of term 7 on the disk of member 2 has another position');
  });
});

describe('promises-are-durable', () => {
  const accepts = (matchIndex: number, term = 1) => ({ kind: 'append-accepted', term, matchIndex }) as const;

  test('holds where everything is on disk', () => {
    const to = told(promisesAreDurable);
    committed(to, entriesOf(1, 1));
    to.onSend(2, 1, accepts(2));
    to.onDurable(2, disk(2, 3, entriesOf(1, 1)));
    to.onSend(2, 3, { kind: 'vote-reply', term: 2, granted: true });
    to.onSend(2, 3, { kind: 'vote-reply', term: 9, granted: false });
  });

  test('lets through what was promised in an earlier term than the disk has come to', () => {
    const to = told(promisesAreDurable);
    committed(to, entriesOf(1, 1));
    to.onDurable(2, disk(5, null, []));
    to.onSend(2, 1, accepts(2));
  });

  test('is broken by an acknowledged entry that is not on disk', () => {
    const to = told(promisesAreDurable);
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
    to.onDurable(2, disk(1, null, []));
    expect(() => to.onSend(2, 1, accepts(1))).toThrow(
      'promises-are-durable: member 2 sends append-accepted, and entry 1 of term 1 is not on its disk',
    );
  });

  test('is broken by an entry that the leader does not have', () => {
    const to = told(promisesAreDurable);
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
    to.onStep(2, appends(follower(2), entriesOf(1, 1)));
    to.onDurable(2, disk(1, null, entriesOf(1, 1)));
    expect(() => to.onSend(2, 1, accepts(2))).toThrow('member 2 acknowledges entry 2, and the leader of term 1 has up to 1');
  });

  test('is broken by a vote, or a term, that is not on disk', () => {
    const to = told(promisesAreDurable);
    to.onDurable(2, disk(1, null));
    expect(() => to.onSend(2, 3, { kind: 'vote-reply', term: 1, granted: true })).toThrow('the vote for 3 in term 1 is not on its disk');
    const asks = { kind: 'request-vote', term: 2, lastIndex: 0, lastTerm: 0, transfer: false } as const;
    expect(() => to.onSend(2, 3, asks)).toThrow('sends request-vote, and term 2 is not on its disk');
    expect(() => to.onSend(1, 3, { kind: 'timeout-now', term: 1 })).toThrow('term 1 is not on its disk');
  });
});
