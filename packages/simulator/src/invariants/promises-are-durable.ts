import { type AppendAccepted, type MemberId, type Message, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'promises-are-durable';

/**
 * What a message promises about its sender's disk is there when it leaves: the vote that it grants or asks others to join, the
 * entries that it acknowledges, the term in which it speaks as a leader.
 *
 * Several writes that a disk completes as one may carry a member into a later term. What it promised in an earlier one was true
 * when it was decided, and nobody who counts in the later term relies on it.
 */
export function promisesAreDurable({ disks, leaderships, committed }: Knowledge): Invariant {
  function fail(from: MemberId, message: Message, what: string): never {
    throw new Violation(name, `member ${from} sends ${message.kind}, and ${what} is not on its disk`);
  }

  function inTerm(from: MemberId, message: Message & { readonly term: Term }): DurableLog | null {
    const disk = disks.get(from);
    if (disk === undefined || disk.hardState.term < message.term) return fail(from, message, `term ${message.term}`);
    return disk.hardState.term === message.term ? disk : null;
  }

  function votes(from: MemberId, message: Message & { readonly term: Term }, candidate: MemberId): void {
    const disk = inTerm(from, message);
    if (disk !== null && disk.hardState.vote !== candidate) fail(from, message, `the vote for ${candidate} in term ${message.term}`);
  }

  function acknowledges(from: MemberId, message: AppendAccepted): void {
    const disk = inTerm(from, message);
    const { matchIndex, term } = message;
    if (disk === null || matchIndex <= disk.log.snapshotIndex) return;
    const leader = leaderships.of(term);
    if (leader === undefined) return;
    if (matchIndex > leader.log.lastIndex)
      throw new Violation(
        name,
        `member ${from} acknowledges entry ${matchIndex}, and the leader of term ${term} has up to ${leader.log.lastIndex}`,
      );
    const expected = termAt(leader.log, matchIndex) ?? committed.termAt(matchIndex);
    if (termAt(disk.log, matchIndex) !== expected) fail(from, message, `entry ${matchIndex} of term ${expected}`);
  }

  return {
    name,
    source: 'paper, figure 2 and 5.6',
    onSend(from, to, message) {
      switch (message.kind) {
        case 'append-accepted':
          return acknowledges(from, message);
        case 'append':
        case 'heartbeat':
        case 'snapshot-chunk':
        case 'timeout-now':
          return void inTerm(from, message);
        case 'request-vote':
          return votes(from, message, from);
        case 'vote-reply':
          return message.granted ? votes(from, message, to) : undefined;
        case 'pre-vote':
        case 'pre-vote-reply':
        case 'append-rejected':
        case 'heartbeat-reply':
        case 'snapshot-reply':
        case 'read-index':
        case 'read-index-reply':
        case 'propose':
        case 'propose-reply':
          return;
      }
    },
  };
}
