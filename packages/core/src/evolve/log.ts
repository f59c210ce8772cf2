import type { Entry, Index } from '../entry.ts';
import { invariant } from '../errors.ts';
import { compactThrough, extend, startAfter, termAt, truncateAfter } from '../log.ts';
import type { PlacedMembership } from '../membership.ts';
import { decodeMembership } from '../membership-codec.ts';
import type { LogBase, SnapshotInfo } from '../snapshot.ts';
import type { PendingWrite, RaftState } from '../state.ts';
import { type Draft, draftOfLeader } from './draft.ts';

export function evolveAppended(next: Draft<RaftState>, entries: readonly Entry[]): void {
  const last = entries.at(-1);
  invariant(last !== undefined, 'nothing was appended');
  // Entries of one term come in runs: the log's shape changes once for each run, not once for each entry.
  let runStart = 0;
  entries.forEach(({ term }, i) => {
    if (entries[i + 1]?.term === term) return;
    next.log = extend(next.log, term, i + 1 - runStart);
    runStart = i + 1;
  });
  next.logTime = last.time;
  countUncommitted(next, entries, last.index);
  const appended = entries
    .filter(({ kind }) => kind === 'membership')
    .map(({ index, payload }) => ({ index, membership: decodeMembership(payload) }));
  if (appended.length > 0) setMemberships(next, [...next.memberships, ...appended]);
}

/** Only a leader counts: it answers for what it took. */
function countUncommitted(next: Draft<RaftState>, entries: readonly Entry[], lastIndex: Index): void {
  if (next.role.kind !== 'leader') return;
  const payloadBytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
  const leader = draftOfLeader(next.role);
  leader.uncommitted = [...leader.uncommitted, { lastIndex, payloadBytes }];
  next.role = leader;
}

/** The newest membership counts, committed or not; where it is cut off, the one before it does again (thesis 4.1). */
function setMemberships(next: Draft<RaftState>, memberships: readonly PlacedMembership[]): void {
  const newest = memberships.at(-1);
  invariant(newest !== undefined, 'a log without a membership');
  next.memberships = memberships;
  next.membership = newest.membership;
}

/**
 * What is cut off is no longer on its way to the disk either: a write that was issued before the cut must not count for
 * the entries that take its place (rabbitmq-server#16688).
 */
export function evolveTruncated(next: Draft<RaftState>, after: Index): void {
  next.log = truncateAfter(next.log, after);
  setWrittenUpTo(next, after);
  setMemberships(
    next,
    next.memberships.filter(({ index }) => index <= after),
  );
}

function setWrittenUpTo(next: Draft<RaftState>, index: Index): void {
  next.persistedIndex = Math.min(next.persistedIndex, index);
  next.pendingWrites = next.pendingWrites.map((write) => ({ ...write, lastIndex: Math.min(write.lastIndex, index) }));
}

export function evolveCompacted(next: Draft<RaftState>, base: LogBase): void {
  next.log = compactThrough(next.log, base.index);
  setMemberships(next, startingAt(next.memberships, base));
}

/** A log that has the snapshot's last entry keeps what follows it; any other log is replaced (paper 7). */
export function evolveInstalled(next: Draft<RaftState>, snapshot: SnapshotInfo): void {
  const { index, term, time } = snapshot;
  const keeps = termAt(next.log, index) === term;
  next.snapshot = snapshot;
  next.incoming = null;
  next.commitIndex = Math.max(next.commitIndex, index);
  next.applyIndex = Math.max(next.applyIndex, index);
  if (keeps) {
    next.log = compactThrough(next.log, index);
  } else {
    next.log = startAfter(index, term);
    next.logTime = time;
    // Also where the old log was longer: on the disk, another entry stands in this one's place until the new log begins there.
    setWrittenUpTo(next, Math.min(index - 1, next.persistedIndex));
  }
  setMemberships(next, startingAt(keeps ? next.memberships : [], snapshot));
}

/** The memberships of a log that begins at `base`. */
function startingAt(memberships: readonly PlacedMembership[], { index, membership }: Pick<LogBase, 'index' | 'membership'>) {
  return [{ index, membership }, ...memberships.filter((placed) => placed.index > index)];
}

export function evolveIssued(next: Draft<RaftState>, sequence: number, at: number): void {
  const write: PendingWrite = { sequence, term: next.term, lastIndex: next.log.lastIndex, issuedAt: at };
  next.nextWriteSequence = sequence + 1;
  next.pendingWrites = [...next.pendingWrites, write];
}

export function evolveWritten(next: Draft<RaftState>, sequence: number, at: number): void {
  const done = next.pendingWrites.filter((write) => write.sequence <= sequence);
  next.pendingWrites = next.pendingWrites.slice(done.length);
  next.lastWriteAt = at;
  next.persistedIndex = done.at(-1)?.lastIndex ?? next.persistedIndex;
}
