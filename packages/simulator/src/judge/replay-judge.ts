import {
  type AppliedRequest,
  type CommittedRequest,
  encodeValue,
  MemorySpace,
  type ReplicatedMachine,
  type StateSpace,
} from '@flotilla/state-machine';
import { stateOf } from '../cluster/state-of.ts';
import { Violation } from '../watch/violation.ts';
import type { CallRecord } from '../workload/call-records.ts';

/**
 * Judges what clients heard by the log: every reply must be what a machine gives that applies the committed requests one after
 * the other, every answer what it gives after so many of them, and whoever calls after another's answer must come behind it.
 * That is linearizability with the log as the witness, for any machine, at the price of one more replica.
 *
 * Half way the machine is replaced by one that was restored from its snapshot: what a snapshot loses shows in what comes after.
 *
 * `requests` are those that were applied, ascending, from the beginning of the log; `make` gives a machine in its first state, or in
 * the one that a space holds. Throws a `Violation`.
 */
export function judgeByReplay(
  make: (space?: StateSpace) => ReplicatedMachine,
  requests: readonly CommittedRequest[],
  records: readonly CallRecord[],
): void {
  let machine = make();
  checkRealTimeOrder(records);
  const answered = records.filter(({ index, outcome }) => index > 0 || outcome === 'answered').sort((a, b) => a.index - b.index);
  checkSlots(answered);
  let next = 0;
  /** Answers as of entries before `index`: nothing changed since the last command. */
  const answersBefore = (index: number) => {
    for (let record = answered[next]; record !== undefined && record.index < index; record = answered[++next]) {
      if (record.call.kind === 'query') checkAnswer(machine, record);
      else throw new Violation('replay', `call ${record.serial} was told that entry ${record.index} is its own, which is no command`);
    }
  };
  for (const [position, request] of requests.entries()) {
    answersBefore(request.index);
    if (position === requests.length >> 1) machine = restored(make, machine);
    const [result] = machine.apply([request]);
    for (let record = answered[next]; record?.index === request.index; record = answered[++next]) {
      if (record.call.kind === 'command') checkReply(record, result as AppliedRequest);
      else checkAnswer(machine, record);
    }
  }
  answersBefore(Number.POSITIVE_INFINITY);
}

/** Another machine with the state of this one. */
function restored(make: (space?: StateSpace) => ReplicatedMachine, machine: ReplicatedMachine): ReplicatedMachine {
  const state = stateOf(machine);
  const next = machine.space === undefined ? make() : make(copyOf(machine.space));
  if (next.space === undefined) next.restore(state);
  if (Buffer.compare(stateOf(next), state) === 0) return next;
  throw new Violation('snapshot-equals-replay', 'a machine that was restored from a snapshot writes another one than it was given');
}

function copyOf(space: StateSpace): StateSpace {
  return new MemorySpace([...space.range()].map(([key, value]) => [key.slice(), value.slice()] as const));
}

/** A call is answered with the entry in which its command was first applied, whichever of its repetitions brought the answer. */
function checkReply({ serial, outcome, result, index }: CallRecord, { outcome: replayed }: AppliedRequest): void {
  const expected = replayed.kind === 'accepted' ? replayed.reply : replayed.code;
  const heardKind = outcome === 'refused' ? 'rejected' : 'accepted';
  if (heardKind !== replayed.kind || !isSame(result, expected)) {
    throw new Violation('replay', `call ${serial} heard ${show(result)} of entry ${index}, and a replica says ${show(expected)}`);
  }
}

function checkAnswer(machine: ReplicatedMachine, { call, serial, result, index }: CallRecord): void {
  const expected = machine.query(call.name, call.input);
  if (isSame(result, expected)) return;
  throw new Violation('replay', `query ${serial} heard ${show(result)} as of entry ${index}, where a replica says ${show(expected)}`);
}

/** No two commands have one slot. `answered` are in the order of their indexes. */
function checkSlots(answered: readonly CallRecord[]): void {
  let last: CallRecord | null = null;
  for (const record of answered) {
    if (record.call.kind === 'query') continue;
    if (last?.index === record.index)
      throw new Violation('replay', `calls ${last.serial} and ${record.serial} were both told that entry ${record.index} is their own`);
    last = record;
  }
}

/** Who begins after another's answer sees at least as much, and a command comes behind it. */
function checkRealTimeOrder(records: readonly CallRecord[]): void {
  const ended = records.filter(({ index, call }) => index > 0 && !isStale(call)).sort((a, b) => a.completedAt - b.completedAt);
  const begun = [...ended].sort((a, b) => a.invokedAt - b.invokedAt);
  let highest: CallRecord | null = null;
  let next = 0;
  for (const record of begun) {
    for (let other = ended[next]; other !== undefined && other.completedAt < record.invokedAt; other = ended[++next]) {
      if (highest === null || other.index > highest.index) highest = other;
    }
    if (highest === null || record.index > highest.index || (record.call.kind === 'query' && record.index === highest.index)) continue;
    const how = record.call.kind === 'query' ? 'read as of' : 'was put at';
    throw new Violation(
      'real-time-order',
      `call ${record.serial} began after call ${highest.serial} had ended as of entry ${highest.index}, and ${how} entry ${record.index}`,
    );
  }
}

function isStale(call: CallRecord['call']): boolean {
  return call.kind === 'query' && call.consistency === 'stale';
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== 'object' && typeof b !== 'object') return (a ?? null) === (b ?? null);
  return Buffer.compare(encodeValue(a ?? null), encodeValue(b ?? null)) === 0;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
