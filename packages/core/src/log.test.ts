import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactThrough,
  describeLog,
  emptyLog,
  extend,
  isUpToDate,
  knownTermAt,
  type LogShape,
  lastPossibleMatch,
  lastTerm,
  startAfter,
  termAt,
  truncateAfter,
} from './log.ts';

/** The naive model: the term of every entry, behind a snapshot of `snapshotIndex` entries. */
interface Model {
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  readonly terms: readonly number[];
}

const model: fc.Arbitrary<Model> = fc
  .record({
    snapshotIndex: fc.nat(5),
    firstTerm: fc.integer({ min: 1, max: 3 }),
    rises: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }), {
      maxLength: 25,
    }),
  })
  .map(({ snapshotIndex, firstTerm, rises }) => {
    let term = firstTerm;
    const terms = rises.map((rise) => (term += rise));
    return { snapshotIndex, snapshotTerm: snapshotIndex === 0 ? 0 : firstTerm, terms };
  });

function shape({ snapshotIndex, snapshotTerm, terms }: Model): LogShape {
  return terms.reduce((log, term) => extend(log, term), { ...emptyLog, snapshotIndex, snapshotTerm, lastIndex: snapshotIndex });
}

function naiveTermAt({ snapshotIndex, snapshotTerm, terms }: Model, index: number): number | undefined {
  return index === snapshotIndex ? snapshotTerm : terms[index - snapshotIndex - 1];
}

const index = fc.integer({ min: -1, max: 35 });

describe('log shape', () => {
  it('knows the term of every index', () => {
    fc.assert(
      fc.property(model, index, (m, i) => {
        expect(termAt(shape(m), i)).toBe(naiveTermAt(m, i));
      }),
    );
  });

  it('ends where the entries end', () => {
    fc.assert(
      fc.property(model, (m) => {
        const last = m.snapshotIndex + m.terms.length;
        expect(shape(m).lastIndex).toBe(last);
        expect(lastTerm(shape(m))).toBe(naiveTermAt(m, last));
      }),
    );
  });

  it('is as many runs as there are terms, however long it is', () => {
    fc.assert(
      fc.property(model, (m) => {
        expect(shape(m).runs.length).toBe(new Set(m.terms).size);
      }),
    );
    expect(extend(extend(emptyLog, 1, 1_000_000), 2, 5).runs).toEqual([
      { firstIndex: 1, term: 1 },
      { firstIndex: 1_000_001, term: 2 },
    ]);
  });

  it('grows by many entries as by one and one', () => {
    fc.assert(
      fc.property(model, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 20, max: 22 }), (m, count, term) => {
        const oneByOne = Array.from({ length: count }).reduce<LogShape>((log) => extend(log, term), shape(m));
        expect(extend(shape(m), term, count)).toEqual(oneByOne);
      }),
    );
  });

  it('is cut as an array is cut', () => {
    fc.assert(
      fc.property(model, fc.nat(25), (m, kept) => {
        const terms = m.terms.slice(0, kept);
        expect(truncateAfter(shape(m), m.snapshotIndex + terms.length)).toEqual(shape({ ...m, terms }));
      }),
    );
  });

  it('finds the last index whose term is at most another one, or the end of the snapshot', () => {
    fc.assert(
      fc.property(model, fc.nat(30), fc.integer({ min: 0, max: 20 }), (m, offset, term) => {
        let expected = Math.min(m.snapshotIndex + offset, m.snapshotIndex + m.terms.length);
        while (expected > m.snapshotIndex && (naiveTermAt(m, expected) ?? 0) > term) expected--;
        expect(lastPossibleMatch(shape(m), m.snapshotIndex + offset, term)).toBe(expected);
      }),
    );
  });

  it('never skips the point where two logs meet (paper 5.3)', () => {
    fc.assert(
      fc.property(model, model, (a, b) => {
        const [leader, follower] = [shape({ ...a, snapshotIndex: 0, snapshotTerm: 0 }), shape({ ...b, snapshotIndex: 0, snapshotTerm: 0 })];
        let meeting = Math.min(leader.lastIndex, follower.lastIndex);
        while (meeting > 0 && termAt(leader, meeting) !== termAt(follower, meeting)) meeting--;
        for (let prev = meeting; prev <= leader.lastIndex; prev++) {
          const hint = lastPossibleMatch(follower, prev, termAt(leader, prev) ?? 0);
          expect(lastPossibleMatch(leader, hint, termAt(follower, hint) ?? 0)).toBeGreaterThanOrEqual(meeting);
        }
      }),
    );
  });

  it('compares logs by their last term first and by length then (paper 5.4.1)', () => {
    const log = extend(extend(emptyLog, 1, 4), 3, 2);
    expect(isUpToDate(log, 3, 6)).toBe(true);
    expect(isUpToDate(log, 3, 5)).toBe(false);
    expect(isUpToDate(log, 4, 1)).toBe(true);
    expect(isUpToDate(log, 2, 99)).toBe(false);
  });

  it('says itself in one line', () => {
    expect(describeLog(emptyLog)).toBe('empty');
    expect(describeLog(extend(extend(emptyLog, 1, 4), 2))).toBe('1-4@1 5@2');
    expect(describeLog(extend({ ...emptyLog, snapshotIndex: 7, snapshotTerm: 3, lastIndex: 7 }, 3, 2))).toBe('(snapshot 7@3) 8-9@3');
  });
});

describe('a log behind a snapshot', () => {
  it('knows of what follows exactly what it knew before', () => {
    fc.assert(
      fc.property(model, fc.nat(30), index, (m, offset, i) => {
        const log = shape(m);
        const through = Math.min(m.snapshotIndex + offset, log.lastIndex);
        const compacted = compactThrough(log, through);
        expect(termAt(compacted, i)).toBe(i < through ? undefined : naiveTermAt(m, i));
        expect([compacted.lastIndex, lastTerm(compacted)]).toEqual([log.lastIndex, lastTerm(log)]);
      }),
    );
  });

  it('is the shape that the entries behind the snapshot have by themselves', () => {
    fc.assert(
      fc.property(model, fc.nat(30), (m, offset) => {
        const count = Math.min(offset, m.terms.length);
        const snapshotIndex = m.snapshotIndex + count;
        const rest = { snapshotIndex, snapshotTerm: naiveTermAt(m, snapshotIndex) ?? 0, terms: m.terms.slice(count) };
        expect(compactThrough(shape(m), snapshotIndex)).toEqual(shape(rest));
      }),
    );
  });

  it('grows and is cut like any other', () => {
    const log = extend(compactThrough(extend(emptyLog, 1, 5), 3), 2, 2);
    expect(describeLog(log)).toBe('(snapshot 3@1) 4-5@1 6-7@2');
    expect(describeLog(truncateAfter(log, 3))).toBe('(snapshot 3@1)');
    expect(describeLog(extend(compactThrough(log, 7), 2))).toBe('(snapshot 7@2) 8@2');
  });

  it('begins empty where it begins anew', () => {
    expect(describeLog(startAfter(7, 3))).toBe('(snapshot 7@3)');
    expect([startAfter(7, 3).lastIndex, lastTerm(startAfter(7, 3)), termAt(startAfter(7, 3), 7)]).toEqual([7, 3, 3]);
    expect(startAfter(0, 0)).toEqual(emptyLog);
  });

  it('has no entry to end with that it does not hold', () => {
    expect(() => compactThrough(extend(emptyLog, 1, 5), 6)).toThrow('entry 6 is not in the log');
    expect(() => knownTermAt(compactThrough(extend(emptyLog, 1, 5), 3), 2)).toThrow('entry 2 is not in the log');
  });
});
