import type { Entry, Index } from '../entry.ts';
import { invariant } from '../errors.ts';
import { compactThrough, extend, startAfter, termAt, truncateAfter } from '../log.ts';
import type { PlacedMembership } from '../membership.ts';
import { decodeMembership } from '../membership-codec.ts';
import type { Role } from '../role.ts';
import type { LogBase, SnapshotInfo } from '../snapshot.ts';
import type { RaftState } from '../state.ts';

export function evolveAppended(state: RaftState, entries: readonly Entry[]): RaftState {
  const last = entries.at(-1);
  invariant(last !== undefined, 'nothing was appended');
  // Entries of one term come in runs: the log's shape changes once for each run, not once for each entry.
  let log = state.log;
  let runStart = 0;
  entries.forEach(({ term }, i) => {
    if (entries[i + 1]?.term === term) return;
    log = extend(log, term, i + 1 - runStart);
    runStart = i + 1;
  });
  const appended = entries
    .filter(({ kind }) => kind === 'membership')
    .map(({ index, payload }) => ({ index, membership: decodeMembership(payload) }));
  const role = withUncommitted(state.role, entries, last.index);
  return withMemberships(
    { ...state, log, logTime: last.time, role },
    appended.length === 0 ? state.memberships : [...state.memberships, ...appended],
  );
}

/** Only a leader counts: it answers for what it took. */
function withUncommitted(role: Role, entries: readonly Entry[], lastIndex: Index): Role {
  if (role.kind !== 'leader') return role;
  const payloadBytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
  return { ...role, uncommitted: [...role.uncommitted, { lastIndex, payloadBytes }] };
}

/** The newest membership counts, committed or not; where it is cut off, the one before it does again (thesis 4.1). */
function withMemberships(state: RaftState, memberships: readonly PlacedMembership[]): RaftState {
  if (memberships === state.memberships) return state;
  const newest = memberships.at(-1);
  invariant(newest !== undefined, 'a log without a membership');
  return { ...state, memberships, membership: newest.membership };
}

/**
 * What is cut off is no longer on its way to the disk either: a write that was issued before the cut must not count for
 * the entries that take its place (rabbitmq-server#16688).
 */
export function evolveTruncated(state: RaftState, after: Index): RaftState {
  const kept = state.memberships.filter(({ index }) => index <= after);
  return withMemberships({ ...state, log: truncateAfter(state.log, after), ...writtenUpTo(state, after) }, kept);
}

function writtenUpTo({ persistedIndex, pendingWrites }: RaftState, index: Index): Pick<RaftState, 'persistedIndex' | 'pendingWrites'> {
  return {
    persistedIndex: Math.min(persistedIndex, index),
    pendingWrites: pendingWrites.map((write) => ({ ...write, lastIndex: Math.min(write.lastIndex, index) })),
  };
}

export function evolveCompacted(state: RaftState, base: LogBase): RaftState {
  const memberships = startingAt(state.memberships, base);
  return withMemberships({ ...state, log: compactThrough(state.log, base.index) }, memberships);
}

/** A log that has the snapshot's last entry keeps what follows it; any other log is replaced (paper 7). */
export function evolveInstalled(state: RaftState, snapshot: SnapshotInfo): RaftState {
  const { index, term, time } = snapshot;
  const keeps = termAt(state.log, index) === term;
  const installed: RaftState = {
    ...state,
    snapshot,
    incoming: null,
    log: keeps ? compactThrough(state.log, index) : startAfter(index, term),
    logTime: keeps ? state.logTime : time,
    commitIndex: Math.max(state.commitIndex, index),
    applyIndex: Math.max(state.applyIndex, index),
    ...(keeps ? {} : writtenUpTo(state, Math.min(index, state.persistedIndex))),
  };
  const following = keeps ? state.memberships : [];
  return withMemberships(installed, startingAt(following, snapshot));
}

/** The memberships of a log that begins at `base`. */
function startingAt(memberships: readonly PlacedMembership[], { index, membership }: Pick<LogBase, 'index' | 'membership'>) {
  return [{ index, membership }, ...memberships.filter((placed) => placed.index > index)];
}

export function evolveWritten(state: RaftState, sequence: number, at: number): RaftState {
  const done = state.pendingWrites.filter((write) => write.sequence <= sequence);
  return {
    ...state,
    pendingWrites: state.pendingWrites.slice(done.length),
    lastWriteAt: at,
    persistedIndex: done.at(-1)?.lastIndex ?? state.persistedIndex,
  };
}
