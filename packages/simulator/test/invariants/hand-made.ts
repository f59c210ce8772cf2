import {
  defaultRaftConfig,
  type Entry,
  emptyLog,
  encodeMembership,
  extend,
  foundingMembership,
  type Index,
  type Input,
  initialState,
  type Leader,
  type LogShape,
  type MemberId,
  type MemberInfo,
  type Membership,
  type Progress,
  type RaftEvent,
  type RaftState,
  type SnapshotInfo,
  type Term,
} from '@flotilla/core';
import type { RaftTransition } from '@flotilla/runtime';
import type { AppliedRequest, CommittedRequest } from '@flotilla/state-machine';
import { commitsAgree } from '../../src/invariants/commits-agree.ts';
import { diskHoldsTheLog } from '../../src/invariants/disk-holds-the-log.ts';
import { electionSafety } from '../../src/invariants/election-safety.ts';
import { type Knowledge, newKnowledge } from '../../src/invariants/knowledge.ts';
import { logMatching } from '../../src/invariants/log-matching.ts';
import { oneVotePerTerm } from '../../src/invariants/one-vote-per-term.ts';
import { stateMachineSafety } from '../../src/invariants/state-machine-safety.ts';
import type { Invariant } from '../../src/watch/invariant.ts';
import type { DurableLog, Observer } from '../../src/watch/observer.ts';
import { tellAll } from './told.ts';

/** One invariant, behind those that keep what it reads. */
export function told(make: (known: Knowledge) => Invariant): Required<Observer> & { readonly known: Knowledge } {
  const known = newKnowledge();
  const keepers = [logMatching, diskHoldsTheLog, electionSafety, oneVotePerTerm, commitsAgree, stateMachineSafety];
  const tested = make(known);
  const before = keepers.map((keeper) => keeper(known)).filter(({ name }) => name !== tested.name);
  return { ...tellAll([...before.slice(0, placeOf(tested)), tested, ...before.slice(placeOf(tested))]), known };
}

/** A keeper that is tested itself stays in its place among the others. */
function placeOf({ name }: Invariant): number {
  const order = ['log-matching', 'disk-holds-the-log', 'election-safety', 'one-vote-per-term', 'commits-agree', 'state-machine-safety'];
  const place = order.indexOf(name);
  return place === -1 ? order.length : place;
}

export function info(id: MemberId, also: Partial<MemberInfo> = {}): MemberInfo {
  return { id, peerAddress: `p${id}`, clientAddress: `c${id}`, voter: true, witness: false, priority: 0, ...also };
}

export const three: Membership = foundingMembership([info(1), info(2), info(3)]);

export function entry(index: Index, term: Term, text = `${index}@${term}`, also: Partial<Entry> = {}): Entry {
  return { index, term, time: 1000 + index, kind: 'command', payload: new TextEncoder().encode(text), ...also };
}

export function membershipEntry(index: Index, term: Term, membership: Membership): Entry {
  return entry(index, term, '', { kind: 'membership', payload: encodeMembership(membership) });
}

/** As in `[1, 1, 2]`: two entries of term 1 and one of term 2. */
export function entriesOf(...terms: readonly Term[]): readonly Entry[] {
  return terms.map((term, i) => entry(i + 1, term));
}

export function logOf(entries: readonly Entry[], from: LogShape = emptyLog): LogShape {
  return entries.reduce((log, { term }) => extend(log, term), from);
}

export function disk(term: Term, vote: MemberId | null, entries: readonly Entry[] = []): DurableLog {
  return { hardState: { term, vote }, base: null, log: logOf(entries), entry: (index) => entries[index - 1] };
}

export function follower(id: MemberId, also: Partial<RaftState> = {}): RaftState {
  const memberships = [{ index: 0, membership: three }];
  return { ...initialState({ id, config: defaultRaftConfig, memberships, seed: id, now: 0 }), ...also };
}

export function holding(entries: readonly Entry[]): Pick<RaftState, 'log' | 'persistedIndex'> {
  return { log: logOf(entries), persistedIndex: entries.length };
}

export function leading(also: Partial<Leader> = {}): Leader {
  return {
    kind: 'leader',
    progress: new Map(),
    openingIndex: 1,
    heartbeatDeadline: 0,
    idleIntervals: 0,
    round: 0,
    recentRounds: [],
    roundWanted: false,
    reads: [],
    uncommitted: [],
    changeRequest: null,
    transfer: null,
    paused: [],
    leaseVoid: false,
    ...also,
  };
}

export function progress(also: Partial<Progress> = {}): Progress {
  return {
    matchIndex: 0,
    nextIndex: 1,
    mode: 'replicate',
    probing: false,
    sending: false,
    inflight: [],
    batchBytes: 1024,
    outgoing: null,
    confirmedRound: 0,
    loyalUntil: 0,
    activeAt: 0,
    sentAt: 0,
    quietSince: null,
    toldCommit: 0,
    catchUp: null,
    ...also,
  };
}

const deadline: Input = { kind: 'deadline-reached', now: 0, wallTime: 0 };

export function step(
  before: RaftState,
  change: Partial<RaftState>,
  events: readonly RaftEvent[] = [],
  input: Input = deadline,
): RaftTransition {
  return { input, events, before, after: { ...before, ...change } };
}

/** A member appends these to the end of its log. */
export function appends(before: RaftState, entries: readonly Entry[], change: Partial<RaftState> = {}): RaftTransition {
  return step(before, { log: logOf(entries, before.log), ...change }, [{ kind: 'entries-appended', entries }]);
}

/** A member comes to lead a term and opens it with `opening`. */
export function wins(before: RaftState, term: Term, opening: Entry): RaftTransition {
  const role = leading({ openingIndex: opening.index });
  const events: RaftEvent[] = [
    { kind: 'became-leader', openingIndex: opening.index, at: 0 },
    { kind: 'entries-appended', entries: [opening] },
  ];
  return step({ ...before, term }, { role, leader: before.id, log: logOf([opening], before.log) }, events);
}

/** What `told` hears where member 1 comes to lead term 1, and all of these, of its term, get committed on all disks. */
export function committed(to: Required<Observer>, entries: readonly Entry[]): RaftState {
  const won = wins(follower(1), 1, entries[0] as Entry);
  to.onStep(1, won);
  const rest = entries.slice(1);
  const appended = rest.length > 0 ? appends(won.after, rest) : won;
  if (rest.length > 0) to.onStep(1, appended);
  for (const id of [1, 2, 3]) to.onDurable(id, disk(1, null, entries));
  const persisted = step(appended.after, { persistedIndex: entries.length });
  to.onStep(1, persisted);
  const done = step(persisted.after, { commitIndex: entries.length });
  to.onStep(1, done);
  return done.after;
}

export function command({ index, term, time, payload }: Entry): CommittedRequest {
  return { index, term, time, payload };
}

export function applied({ index, term }: Entry, reply: unknown): AppliedRequest {
  return { index, term, outcome: { kind: 'accepted', reply, events: [] }, events: [], encodedEvents: null };
}

const machine = { name: 'list', version: 1 };

export function snapshot(index: Index, term: Term, also: Partial<SnapshotInfo> = {}): SnapshotInfo {
  return { id: `s${index}`, index, term, time: 1000 + index, size: 1, membership: three, machine, ...also };
}
