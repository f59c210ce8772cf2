import { describe, expect, test } from 'vitest';
import { commitOnDurableQuorum } from '../../src/invariants/commit-on-durable-quorum.ts';
import { commitOwnTermOnly } from '../../src/invariants/commit-own-term-only.ts';
import { commitsAgree } from '../../src/invariants/commits-agree.ts';
import { leaderCompleteness } from '../../src/invariants/leader-completeness.ts';
import { nothingGoesBack } from '../../src/invariants/nothing-goes-back.ts';
import { appends, committed, disk, entriesOf, entry, follower, holding, info, leading, step, told, wins } from './hand-made.ts';

describe('commits-agree', () => {
  test('holds for followers that learn of what a leader has committed', () => {
    const to = told(commitsAgree);
    committed(to, entriesOf(1, 1));
    to.onStep(2, step(follower(2, { term: 1, ...holding(entriesOf(1, 1)) }), { commitIndex: 2 }));
    to.onStarted(3, follower(3, { ...holding(entriesOf(1)), commitIndex: 1 }), disk(1, null, entriesOf(1)));
    expect(to.known.committed.lastIndex).toBe(2);
    expect(to.known.committed.termAt(2)).toBe(1);
    expect(to.known.committed.termAt(3)).toBeUndefined();
    expect(to.known.committed.lastCommand(9)).toBe(2);
  });

  test('is broken by a follower that goes ahead', () => {
    const to = told(commitsAgree);
    committed(to, entriesOf(1));
    const ahead = step(follower(2, { term: 1, ...holding(entriesOf(1, 1)) }), { commitIndex: 2 });
    expect(() => to.onStep(2, ahead)).toThrow('commits-agree: member 2 takes entry 2 for committed, and the leaders have committed 1');
  });

  test('is broken by another entry in the same place', () => {
    const to = told(commitsAgree);
    committed(to, entriesOf(1));
    const other = step(follower(2, { term: 2, ...holding(entriesOf(2)) }), { commitIndex: 1 });
    expect(() => to.onStep(2, other)).toThrow('member 2 takes entry 1 of term 2 for committed, and that of term 1 is');
  });

  test('is broken by an entry that nobody has appended', () => {
    const to = told(commitsAgree);
    const leader = follower(1, { term: 1, role: leading(), ...holding(entriesOf(1)) });
    expect(() => to.onStep(1, step(leader, { commitIndex: 1 }))).toThrow('member 1 commits entry 1 of term 1, which nobody has appended');
  });
});

describe('leader-completeness', () => {
  test('holds for a later leader that has everything', () => {
    const to = told(leaderCompleteness);
    committed(to, entriesOf(1, 1));
    to.onStep(2, wins(follower(2, holding(entriesOf(1, 1))), 2, entry(3, 2)));
  });

  test('holds for a leader of an earlier term, whose election is only now complete', () => {
    const to = told(leaderCompleteness);
    const first = wins(follower(1), 2, entry(1, 2));
    to.onStep(1, first);
    to.onStep(1, step(first.after, { commitIndex: 1 }));
    to.onStep(2, wins(follower(2), 1, entry(1, 1)));
  });

  test('is broken by a leader without a committed entry', () => {
    const to = told(leaderCompleteness);
    committed(to, entriesOf(1, 1));
    expect(() => to.onStep(2, wins(follower(2, holding(entriesOf(1))), 2, entry(2, 2)))).toThrow(
      'leader-completeness: member 2 leads term 2 and has entry 2 of term 2; that of term 1 was committed before',
    );
  });

  test('is broken by what an earlier leader commits without the later one', () => {
    const to = told(leaderCompleteness);
    const first = wins(follower(1), 1, entry(1, 1));
    to.onStep(1, first);
    to.onStep(2, wins(follower(2), 2, entry(1, 2)));
    expect(() => to.onStep(1, step(first.after, { commitIndex: 1 }))).toThrow('member 2 leads term 2 and has entry 1 of term 2');
  });
});

describe('commit-own-term-only', () => {
  const leader = follower(1, { term: 2, role: leading(), ...holding(entriesOf(1, 2)) });

  test('holds for the last entry, with which the earlier ones follow', () => {
    const to = told(commitOwnTermOnly);
    to.onStep(1, appends(follower(1), entriesOf(1, 2)));
    to.onStep(1, step(leader, { commitIndex: 2 }));
  });

  test('is broken by an entry of an earlier term', () => {
    const to = told(commitOwnTermOnly);
    to.onStep(1, appends(follower(1), entriesOf(1, 2)));
    expect(() => to.onStep(1, step(leader, { commitIndex: 1 }))).toThrow(
      'commit-own-term-only: member 1 leads term 2 and commits entry 1 of term 1 by counting',
    );
  });
});

describe('commit-on-durable-quorum', () => {
  test('holds where a majority of disks has it', () => {
    const to = told(commitOnDurableQuorum);
    const won = wins(follower(1), 1, entry(1, 1));
    to.onStep(1, won);
    to.onDurable(2, disk(1, null, entriesOf(1)));
    to.onDurable(3, disk(1, null, entriesOf(1)));
    to.onStep(1, step(won.after, { commitIndex: 1 }));
  });

  test('is broken by a leader that counts itself too early', () => {
    const to = told(commitOnDurableQuorum);
    const won = wins(follower(1), 1, entry(1, 1));
    to.onStep(1, won);
    to.onDurable(2, disk(1, null, entriesOf(1)));
    to.onDurable(1, disk(1, 1, []));
    expect(() => to.onStep(1, step(won.after, { commitIndex: 1 }))).toThrow(
      'commit-on-durable-quorum: the leader of term 1, member 1, commits entry 1, and no quorum of disks has it',
    );
  });

  test('needs both majorities during joint consensus', () => {
    const to = told(commitOnDurableQuorum);
    const membership = { members: [info(1), info(4), info(5)], outgoing: [info(1), info(2), info(3)], pending: null, highestId: 5 };
    const won = wins(follower(1, { membership }), 1, entry(1, 1));
    to.onStep(1, won);
    for (const id of [1, 4, 5]) to.onDurable(id, disk(1, null, entriesOf(1)));
    expect(() => to.onStep(1, step(won.after, { commitIndex: 1 }))).toThrow('no quorum of disks has it');
    to.onDurable(2, disk(1, null, entriesOf(1)));
    to.onStep(1, step({ ...won.after, commitIndex: 0 }, { commitIndex: 1 }));
  });
});

describe('nothing-goes-back', () => {
  test('holds for a member that gets on, crashes, and begins with what its disk had', () => {
    const to = told(nothingGoesBack);
    committed(to, entriesOf(1, 1));
    const one = follower(1, { term: 1, ...holding(entriesOf(1, 1)) });
    to.onStep(1, step(one, { commitIndex: 2, applyIndex: 2 }));
    to.onEnded(1);
    to.onStarted(1, one, disk(1, null, entriesOf(1, 1)));
  });

  test.each([
    ['the term of member 1 goes back from 2 to 1', { term: 1 }],
    ['the commit index of member 1 goes back from 2 to 1', { commitIndex: 1 }],
    ['the applied index of member 1 goes back from 1 to 0', { applyIndex: 0 }],
    ['member 1 takes back its vote for 3 in term 2', { vote: 1 }],
    ['member 1 applies 3, and has committed 2', { applyIndex: 3 }],
    ['member 1 applies 2, and has persisted 1', { applyIndex: 2, persistedIndex: 1 }],
  ])('is broken where %s', (message, change) => {
    const to = told(nothingGoesBack);
    committed(to, entriesOf(1, 1, 1));
    for (const id of [1]) to.onDurable(id, disk(2, 3, entriesOf(1, 1, 1)));
    const one = follower(1, { term: 2, vote: 3, ...holding(entriesOf(1, 1, 1)), commitIndex: 2, applyIndex: 1 });
    expect(() => to.onStep(1, step(one, change))).toThrow(`nothing-goes-back: ${message}`);
  });

  test('is broken by a disk that forgets its term, or what is committed', () => {
    const to = told(nothingGoesBack);
    committed(to, entriesOf(1, 1));
    to.onDurable(2, disk(1, null, entriesOf(1, 1)));
    expect(() => to.onDurable(2, disk(0, null, entriesOf(1, 1)))).toThrow('the term on the disk of member 2 goes back from 1 to 0');
    expect(() => to.onStarted(2, follower(2), disk(1, null, entriesOf(1)))).toThrow(
      'the committed log on the disk of member 2 goes back from 2',
    );
  });

  test('is broken by a member that does not begin with what its disk has', () => {
    const to = told(nothingGoesBack);
    expect(() => to.onStarted(2, follower(2, { term: 3 }), disk(4, 1))).toThrow('member 2 begins with term 3, vote null');
  });
});
