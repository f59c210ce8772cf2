import { startAfter } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import { snapshotEqualsReplay } from '../../src/invariants/snapshot-equals-replay.ts';
import { snapshotsStandForTheLog } from '../../src/invariants/snapshots-stand-for-the-log.ts';
import { stateIsTheFoldOfEvents } from '../../src/invariants/state-is-the-fold-of-events.ts';
import { stateMachineSafety } from '../../src/invariants/state-machine-safety.ts';
import { applied, command, committed, disk, entriesOf, entry, follower, holding, snapshot, step, told } from './hand-made.ts';

const [first, second] = entriesOf(1, 1) as [ReturnType<typeof entry>, ReturnType<typeof entry>];
const state = (text: string) => new TextEncoder().encode(text);

describe('state-machine-safety', () => {
  test('holds for the same commands and outcomes, in each life anew', () => {
    const to = told(stateMachineSafety);
    committed(to, [first, second]);
    const both = { requests: [command(first), command(second)], results: [applied(first, 1), applied(second, { count: 2 })] };
    to.onApplied(1, both);
    to.onApplied(2, both);
    to.onEnded(2);
    to.onApplied(2, { requests: [command(first)], results: [applied(first, 1)] });
    to.onRestored(3, snapshot(1, 1), state('1'));
    to.onApplied(3, { requests: [command(second)], results: [applied(second, { count: 2 })] });
  });

  test('is broken by a command that is not committed, or is another one', () => {
    const to = told(stateMachineSafety);
    committed(to, [first]);
    const apply = (one: ReturnType<typeof entry>) => () => to.onApplied(2, { requests: [command(one)], results: [applied(one, 1)] });
    expect(apply(second)).toThrow('state-machine-safety: member 2 applies entry 2, and the leaders have committed 1');
    expect(apply(entry(1, 1, 'forged'))).toThrow('member 2 applies another command at 1, of term 1, than is committed there');
    expect(apply(entry(1, 2))).toThrow('member 2 applies another command at 1, of term 2');
  });

  test('is broken by a command that is left out, or comes twice', () => {
    const to = told(stateMachineSafety);
    committed(to, [first, second]);
    expect(() => to.onApplied(2, { requests: [command(second)], results: [applied(second, 1)] })).toThrow(
      'applies entry 2 and leaves out 1',
    );
    to.onApplied(1, { requests: [command(first)], results: [applied(first, 1)] });
    expect(() => to.onApplied(1, { requests: [command(first)], results: [applied(first, 1)] })).toThrow('applies entry 1 behind entry 1');
  });

  test('is broken by another outcome', () => {
    const to = told(stateMachineSafety);
    committed(to, [first]);
    to.onApplied(1, { requests: [command(first)], results: [applied(first, { count: 1 })] });
    expect(() => to.onApplied(2, { requests: [command(first)], results: [applied(first, { count: 2 })] })).toThrow(
      'member 2 comes to another outcome of entry 1 than others',
    );
  });
});

describe('snapshot-equals-replay', () => {
  const one = { requests: [command(first)], results: [applied(first, 1)] };

  test('holds for equal states as of the last command', () => {
    const to = told(snapshotEqualsReplay);
    committed(to, [first, entry(2, 1, '', { kind: 'no-op' })]);
    to.onApplied(1, one);
    to.onSnapshot(1, state('a'));
    to.onRestored(2, snapshot(2, 1), state('a'));
    to.onSnapshot(2, state('a'));
    to.onRestored(3, null, state('anything'));
  });

  test('is broken by a member that writes another state', () => {
    const to = told(snapshotEqualsReplay);
    committed(to, [first]);
    for (const member of [1, 2]) to.onApplied(member, one);
    to.onSnapshot(1, state('a'));
    expect(() => to.onSnapshot(2, state('b'))).toThrow(
      'snapshot-equals-replay: member 2 writes another state as of entry 1 than member 1 wrote',
    );
  });

  test('is broken by a member that is given another state, or one of what is not committed', () => {
    const to = told(snapshotEqualsReplay);
    committed(to, [first]);
    to.onApplied(1, one);
    to.onSnapshot(1, state('a'));
    expect(() => to.onRestored(2, snapshot(1, 1), state('b'))).toThrow('member 2 is given another state as of entry 1');
    expect(() => to.onRestored(2, snapshot(5, 1), state('a'))).toThrow('member 2 is given a snapshot of 5');
  });
});

describe('snapshots-stand-for-the-log', () => {
  const behind = (index: number, term: number) => ({ kind: 'snapshot-installed', snapshot: snapshot(index, term) }) as const;
  const installs = (index: number, term: number) =>
    step(follower(2), { log: startAfter(index, term), snapshot: snapshot(index, term) }, [behind(index, term)]);

  test('holds for a committed entry', () => {
    const to = told(snapshotsStandForTheLog);
    committed(to, [first, second]);
    to.onStep(2, installs(2, 1));
    to.onStep(1, step(follower(1), { snapshot: snapshot(1, 1) }, [{ kind: 'snapshot-taken', snapshot: snapshot(1, 1) }]));
  });

  test('is broken by one that is not committed, is of another term, or takes the member back', () => {
    const to = told(snapshotsStandForTheLog);
    committed(to, [first, second]);
    expect(() => to.onStep(2, installs(3, 1))).toThrow(
      'the snapshot that member 2 installs is of entry 3 of term 1; what is committed there',
    );
    expect(() => to.onStep(2, installs(2, 2))).toThrow('is of entry 2 of term 2');
    const ahead = { ...installs(1, 1), before: follower(2, { ...holding([first, second]), applyIndex: 2 }) };
    expect(() => to.onStep(2, ahead)).toThrow('member 2 has applied 2 and goes back to a snapshot of 1');
    const early = { kind: 'snapshot-taken', snapshot: snapshot(2, 1, { time: 5 }) } as const;
    expect(() => to.onStep(1, step(follower(1), { snapshot: early.snapshot }, [early]))).toThrow('which is too early');
  });

  test('is broken where what follows the snapshot is dropped', () => {
    const to = told(snapshotsStandForTheLog);
    committed(to, [first, second]);
    const dropped = { ...installs(1, 1), before: follower(2, holding([first, second])) };
    expect(() => to.onStep(2, dropped)).toThrow('member 2 drops what follows the snapshot of 1');
  });
});

describe('state-is-the-fold-of-events', () => {
  const fold = () => stateIsTheFoldOfEvents({ every: 1 });

  test('holds where the events make the state', () => {
    const to = told(fold);
    const one = follower(1, { term: 3 });
    to.onStep(1, step(one, { term: 4, vote: null, leader: null }, [{ kind: 'term-advanced', term: 4 }]));
    to.onStarted(1, one, disk(3, null));
  });

  test('is broken by what no event says', () => {
    const to = told(fold);
    const one = follower(1, { term: 3 });
    expect(() => to.onStep(1, step(one, { term: 4, vote: 2 }, [{ kind: 'term-advanced', term: 4 }]))).toThrow(
      'state-is-the-fold-of-events: member 1, term 4: term-advanced of deadline-reached do not make vote what it is',
    );
  });

  test('looks into maps and lists', () => {
    const to = told(fold);
    const votes = new Map([[2, true]]);
    const one = follower(1, { role: { kind: 'candidate', votes: new Map() } });
    const counted = [{ kind: 'vote-counted', from: 2, granted: true }] as const;
    to.onStep(1, step(one, { role: { kind: 'candidate', votes } }, counted));
    expect(() => to.onStep(1, step(one, { role: { kind: 'candidate', votes: new Map([[3, true]]) } }, counted))).toThrow(
      'make role what it is',
    );
  });
});
