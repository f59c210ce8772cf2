import { createHash } from 'node:crypto';
import type { ClientEvent } from '@flotilla/client';
import type { Entry, kv } from '@flotilla/kv';
import { checkLinearizable, explain, models, type Operation } from '@flotilla/simulator';
import { type Acknowledged, checkJournal, checkOnceWritten, checkOrder, type Effect, type JournaledEvent, textOf } from './acknowledged.ts';
import type { CrashCluster } from './crash-cluster.ts';
import { CrashFailure } from './crash-failure.ts';
import type { CrashMember } from './crash-member.ts';

/** How long reading a journal may take, in milliseconds. */
const journalMsMax = 60_000;

/** What clients saw, and the last index of which all members know. */
export interface Seen {
  readonly operations: readonly Operation[];
  readonly acknowledged: readonly Acknowledged[];
  readonly lastIndex: number;
}

/** Asks every member what it holds, and compares it with what clients were told. Throws a {@link CrashFailure}. */
export async function checkMembers(cluster: CrashCluster, { operations, acknowledged, lastIndex }: Seen): Promise<void> {
  const digests: string[] = [];
  for (const member of cluster.members) {
    const entries = await cluster.entriesOf(member);
    digests.push(digestOf(entries));
    checkOnceWritten(entries, operations, acknowledged);
    const { start, events } = await journalOf(cluster, member, lastIndex);
    checkJournal(events, start, acknowledged, operations);
  }
  if (new Set(digests).size > 1) throw new CrashFailure('members_differ', `the members hold different states: ${digests.join(', ')}`);
  checkOrder(acknowledged);
  const { verdict, violation } = checkLinearizable(operations, models.kv);
  if (verdict === 'linearizable') return;
  throw new CrashFailure('not_linearizable', violation === null ? 'the history has no verdict' : explain(violation));
}

interface Journal {
  /** From where it is complete. */
  readonly start: number;
  readonly events: readonly JournaledEvent[];
}

/** A member's journal up to `lastIndex`, which has an event. */
async function journalOf(cluster: CrashCluster, member: CrashMember, lastIndex: number): Promise<Journal> {
  const client = cluster.clientOf(member);
  const events: JournaledEvent[] = [];
  try {
    const { journalStart: start } = await client.$status();
    for await (const event of client.$events({ from: start, signal: AbortSignal.timeout(journalMsMax) })) {
      events.push({ index: event.index, effect: effectOf(event) });
      if (event.index >= lastIndex) return { start, events };
    }
  } finally {
    client.$close();
  }
  throw new CrashFailure(
    'acknowledged_write_lost',
    `the journal of member ${member.id} never gets to index ${lastIndex}, which was acknowledged`,
  );
}

function effectOf({ type, data }: ClientEvent<typeof kv>): Effect {
  const { key } = data;
  return type === 'put' ? { kind: 'put', key, value: textOf(data) } : { kind: 'deleted', key };
}

function digestOf(entries: readonly Entry[]): string {
  const hash = createHash('sha256');
  for (const entry of entries) hash.update(`${JSON.stringify([entry.key, entry.revision, textOf(entry)])}\n`);
  return hash.digest('hex').slice(0, 16);
}
