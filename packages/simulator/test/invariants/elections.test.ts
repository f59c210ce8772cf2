import { describe, expect, test } from 'vitest';
import { electedByQuorum } from '../../src/invariants/elected-by-quorum.ts';
import { electionSafety } from '../../src/invariants/election-safety.ts';
import { leadersActAlone } from '../../src/invariants/leaders-act-alone.ts';
import { nobodyTalksToItself } from '../../src/invariants/nobody-talks-to-itself.ts';
import { oneVotePerTerm } from '../../src/invariants/one-vote-per-term.ts';
import { disk, entry, follower, info, step, told, wins } from './hand-made.ts';

const granted = (term: number) => ({ kind: 'vote-reply', term, granted: true }) as const;
const heartbeat = (term: number) => ({ kind: 'heartbeat', term, commit: 0, round: 1, quiesce: false }) as const;

describe('election-safety', () => {
  test('holds where each term has one leader', () => {
    const to = told(electionSafety);
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
    to.onStep(2, wins(follower(2), 2, entry(1, 2)));
    expect(to.known.leaderships.of(2)?.member).toBe(2);
    expect(to.known.leaderships.highestTerm).toBe(2);
  });

  test('is broken by two leaders of one term', () => {
    const to = told(electionSafety);
    to.onStep(1, wins(follower(1), 3, entry(1, 3)));
    expect(() => to.onStep(2, wins(follower(2), 3, entry(1, 3)))).toThrow('election-safety: members 1 and 2 both lead term 3');
  });

  test('is broken by a member that comes to lead its term again', () => {
    const to = told(electionSafety);
    to.onStep(1, wins(follower(1), 3, entry(1, 3)));
    expect(() => to.onStep(1, wins(follower(1), 3, entry(1, 3)))).toThrow('member 1 comes to lead term 3 twice');
  });
});

describe('leaders-act-alone', () => {
  test('holds for the leader of the term', () => {
    const to = told(leadersActAlone);
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
    to.onSend(1, 2, heartbeat(1));
    to.onSend(2, 1, { kind: 'heartbeat-reply', term: 1, round: 1, loyalMs: 500 });
  });

  test('is broken by anybody else who speaks as a leader', () => {
    const to = told(leadersActAlone);
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
    expect(() => to.onSend(2, 1, heartbeat(1))).toThrow('leaders-act-alone: member 2 sends a heartbeat of term 1, which 1 leads');
    expect(() => to.onSend(1, 2, { kind: 'timeout-now', term: 2 })).toThrow('which nobody leads');
  });
});

describe('one-vote-per-term', () => {
  test('holds for votes of several terms, however often they are told', () => {
    const to = told(oneVotePerTerm);
    to.onDurable(3, disk(1, 1));
    to.onSend(3, 1, granted(1));
    to.onDurable(3, disk(2, 2));
    to.onSend(3, 2, granted(2));
    to.onSend(2, 3, { kind: 'request-vote', term: 2, lastIndex: 0, lastTerm: 0, transfer: false });
    expect(to.known.ballots.of(2, 3)).toBe(2);
  });

  test('is broken by a second vote, of a later life too', () => {
    const to = told(oneVotePerTerm);
    to.onDurable(3, disk(1, 1));
    to.onEnded(3);
    to.onStarted(3, follower(3, { term: 1 }), disk(1, null));
    expect(() => to.onSend(3, 2, granted(1))).toThrow('one-vote-per-term: member 3 votes for 1 and for 2 in term 1');
  });

  test('is broken on the disk alone', () => {
    const to = told(oneVotePerTerm);
    to.onDurable(3, disk(4, 1));
    expect(() => to.onDurable(3, disk(4, 2))).toThrow('votes for 1 and for 2 in term 4');
  });
});

describe('elected-by-quorum', () => {
  test('holds with the votes of a majority', () => {
    const to = told(electedByQuorum);
    to.onDurable(1, disk(1, 1));
    to.onDurable(2, disk(1, 1));
    to.onStep(1, wins(follower(1), 1, entry(1, 1)));
  });

  test('is broken where the own vote is not on disk', () => {
    const to = told(electedByQuorum);
    to.onDurable(2, disk(1, 1));
    expect(() => to.onStep(1, wins(follower(1), 1, entry(1, 1)))).toThrow('elected-by-quorum: member 1 leads term 1');
  });

  test('needs both majorities during joint consensus', () => {
    const to = told(electedByQuorum);
    const membership = { members: [info(1), info(4), info(5)], outgoing: [info(1), info(2), info(3)], pending: null, highestId: 5 };
    for (const id of [1, 4, 5]) to.onDurable(id, disk(1, 1));
    expect(() => to.onStep(1, wins(follower(1, { membership }), 1, entry(1, 1)))).toThrow('has not the votes of a quorum');
  });

  test('is broken by a leader that is a witness', () => {
    const to = told(electedByQuorum);
    for (const id of [1, 2, 3]) to.onDurable(id, disk(1, 1));
    expect(() => to.onStep(1, wins(follower(1, { witness: true }), 1, entry(1, 1)))).toThrow('is no voter that may');
  });
});

describe('nobody-talks-to-itself', () => {
  test('is broken by a message to oneself only', () => {
    const to = told(nobodyTalksToItself);
    to.onStep(1, step(follower(1), {}));
    to.onSend(1, 2, { kind: 'read-index', id: 1 });
    expect(() => to.onSend(1, 1, { kind: 'read-index', id: 1 })).toThrow('nobody-talks-to-itself: member 1 sends itself a read-index');
  });
});
