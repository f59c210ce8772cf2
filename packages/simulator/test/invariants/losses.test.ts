import { describe, expect, test } from 'vitest';
import { commitOnDurableQuorum } from '../../src/invariants/commit-on-durable-quorum.ts';
import { nothingGoesBack } from '../../src/invariants/nothing-goes-back.ts';
import { theRecoveringHelpNobody } from '../../src/invariants/the-recovering-help-nobody.ts';
import type { DurableLog } from '../../src/watch/observer.ts';
import { appends, committed, disk, entriesOf, entry, follower, step, told, wins } from './hand-made.ts';

/** What a disk is left with after a loss. */
function left(term: number, count: number): DurableLog {
  return { ...disk(term, null, entriesOf(1, 1, 1).slice(0, count)), hardState: { term, vote: null, recovering: true } };
}

describe('the-recovering-help-nobody', () => {
  test('holds where a member has again what was committed before its term', () => {
    const to = told(theRecoveringHelpNobody);
    committed(to, entriesOf(1, 1, 1));
    to.onHealed(3, left(1, 1));
    to.onDurable(3, left(2, 3));
    to.onSend(3, 2, { kind: 'vote-reply', term: 2, granted: false });
    to.onDurable(3, disk(2, null, entriesOf(1, 1, 1)));
    to.onSend(3, 2, { kind: 'vote-reply', term: 2, granted: true });
  });

  test('is broken by one that votes, stands for election, or recovers without it', () => {
    const to = told(theRecoveringHelpNobody);
    committed(to, entriesOf(1, 1, 1));
    to.onHealed(3, left(2, 1));
    expect(() => to.onSend(3, 2, { kind: 'vote-reply', term: 2, granted: true })).toThrow(
      'the-recovering-help-nobody: member 3 recovers, and votes for 2',
    );
    expect(() => to.onSend(3, 2, { kind: 'request-vote', term: 3, lastIndex: 1, lastTerm: 1, transfer: false })).toThrow(
      'member 3 recovers, and stands for election',
    );
    const candidate = step(follower(3, { recovering: true }), { role: { kind: 'candidate', votes: new Map() } });
    expect(() => to.onStep(3, candidate)).toThrow('member 3 recovers, and is candidate');
    expect(() => to.onDurable(3, disk(2, null, entriesOf(1, 1)))).toThrow('member 3 has recovered in term 2 without entry 3');
  });
});

describe('after a loss', () => {
  test('nothing-goes-back lets the log be shorter, and wants it back when the member has recovered', () => {
    const to = told(nothingGoesBack);
    committed(to, entriesOf(1, 1, 1));
    to.onHealed(3, left(1, 1));
    to.onStarted(3, follower(3, { term: 1, recovering: true, log: left(1, 1).log, persistedIndex: 1 }), left(1, 1));
    expect(() => to.onHealed(3, left(0, 1))).toThrow('the term on the disk of member 3 goes back from 1 to 0');
    expect(() => to.onDurable(3, disk(2, null, entriesOf(1, 1)))).toThrow(
      'the committed log on the disk of member 3 goes back from 3 to 2',
    );
    to.onDurable(3, disk(2, null, entriesOf(1, 1, 1)));
  });

  test('nothing-goes-back wants a member to know that it has to recover', () => {
    const to = told(nothingGoesBack);
    committed(to, entriesOf(1, 1, 1));
    const forgetful = follower(3, { term: 1, log: left(1, 1).log, persistedIndex: 1 });
    expect(() => to.onStarted(3, forgetful, left(1, 1))).toThrow('its disk has term 1, vote null, recovering, log up to 1');
  });

  test('commit-on-durable-quorum counts what a disk had when it was acknowledged', () => {
    const to = told(commitOnDurableQuorum);
    const won = wins(follower(1), 1, entry(1, 1));
    to.onStep(1, won);
    const appended = appends(won.after, [entry(2, 1)]);
    to.onStep(1, appended);
    for (const id of [1, 2]) to.onDurable(id, disk(1, null, entriesOf(1, 1)));
    to.onHealed(2, left(1, 1));
    to.onStep(1, step(appended.after, { commitIndex: 2 }));
  });
});
