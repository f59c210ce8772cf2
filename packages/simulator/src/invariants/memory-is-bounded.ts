import type { Append, MemberId, RaftConfig, RaftEvent, RaftState } from '@flotilla/core';
import type { RaftTransition } from '@flotilla/runtime';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'memory-is-bounded';

/** Terms, votes and memberships that wait to be written: each is one write, and few come while a disk does not get on. */
const otherWritesMax = 256;

/** What only waits to be acknowledged comes as often as a network repeats it within the time of a sync; it holds no entries. */
const emptyWritesMax = 16_384;

function checkWrites(member: MemberId, { pendingWrites }: RaftState, writesMax: number): void {
  const full = pendingWrites.filter(({ lastIndex, term }, i) => {
    const before = pendingWrites[i - 1];
    return before === undefined || before.lastIndex !== lastIndex || before.term !== term;
  });
  if (full.length > writesMax || pendingWrites.length > emptyWritesMax) {
    throw tooMuch(member, `${pendingWrites.length} writes under way, ${full.length} of them with something in them`);
  }
}

/**
 * Nothing that waits grows beyond what the configuration says: appends, entries and bytes on their way to a peer, what is not
 * committed, reads, writes. A single entry, or proposal, is taken and travels however large it is.
 */
export function memoryIsBounded(): Invariant {
  const configs = new Map<MemberId, RaftConfig>();

  return {
    name,
    source: '`inflightEntriesMax` and its like in the configuration; thesis 10.2',
    onStarted(member, { config }) {
      configs.set(member, config);
    },
    onSend(from, to, message) {
      if (message.kind !== 'append' || message.entries.length < 2) return;
      const config = configs.get(from);
      if (config !== undefined) appendFits(from, to, message, config);
    },
    onStep(member, step) {
      const { after, before } = step;
      const { config, role } = after;
      const writesMax = config.uncommittedEntriesMax + config.inflightAppendsMax + otherWritesMax;
      if (after.pendingWrites.length > writesMax) checkWrites(member, after, writesMax);
      if (role.kind !== 'leader' || before.role === role) return;
      if (role.reads.length > config.pendingReadsMax) throw tooMuch(member, `${role.reads.length} reads waiting`);
      if (role.paused.length > config.uncommittedEntriesMax) throw tooMuch(member, `${role.paused.length} proposals paused`);
      for (const event of step.events) {
        if (event.kind === 'append-noted') windowIsKept(member, after, event.peer);
        else if (event.kind === 'entries-appended') uncommittedFits(member, step, event);
      }
    },
  };
}

function tooMuch(member: MemberId, what: string): Violation {
  return new Violation(name, `member ${member} has ${what}`);
}

function appendFits(from: MemberId, to: MemberId, { entries }: Append, { appendEntriesMax, appendBytesMax }: RaftConfig): void {
  let bytes = 0;
  for (const { payload } of entries) bytes += payload.length;
  if (entries.length > appendEntriesMax || bytes > appendBytesMax)
    throw new Violation(name, `member ${from} sends member ${to} ${entries.length} entries of ${bytes} bytes at once`);
}

function windowIsKept(member: MemberId, { role, config }: RaftState, peer: MemberId): void {
  const progress = role.kind === 'leader' ? role.progress.get(peer) : undefined;
  if (progress?.mode !== 'replicate') return;
  const { inflight, matchIndex } = progress;
  const last = inflight.at(-1);
  if (last === undefined) return;
  const { inflightAppendsMax, inflightEntriesMax, inflightBytesMax } = config;
  let bytes = -last.bytes;
  for (const append of inflight) bytes += append.bytes;
  const fits = inflight.length <= inflightAppendsMax && last.lastIndex - matchIndex <= inflightEntriesMax;
  if (!fits || (inflight.length > 1 && bytes >= inflightBytesMax))
    throw tooMuch(
      member,
      `${inflight.length} appends on their way to member ${peer}, from ${matchIndex} to ${last.lastIndex}, ${bytes} bytes before the last`,
    );
}

/** Commands that were taken while others waited already; what a transfer had held back was counted when it came. */
function uncommittedFits(member: MemberId, { before, after }: RaftTransition, { entries }: RaftEvent & { kind: 'entries-appended' }): void {
  if (before.role.kind !== 'leader' || before.role.uncommitted.length === 0 || before.role.paused.length > 0) return;
  const last = entries.at(-1);
  if (last?.kind !== 'command') return;
  const waiting = last.index - after.commitIndex;
  if (waiting > after.config.uncommittedEntriesMax) throw tooMuch(member, `${waiting} entries up to ${last.index} that are not committed`);
}
