import type { Entry } from '@flotilla/kv';
import type { Operation } from '@flotilla/simulator';
import { CrashFailure } from './crash-failure.ts';

/** What a change leaves in the journal. */
export type Effect =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'deleted'; readonly key: string };

/** A call that was answered, and up to where in the log the answer knows: the place of a command, and at least that of a read. */
export interface Acknowledged {
  readonly operation: Operation;
  readonly index: number;
  readonly isCommand: boolean;
  /** Null where nothing changed. */
  readonly effect: Effect | null;
}

/** An event that a member's journal holds. */
export interface JournaledEvent {
  readonly index: number;
  readonly effect: Effect;
}

/**
 * The log has one place for each command, and whoever calls after an answer gets a later place than the answer had, or one that
 * knows of it. Throws `log_order_broken` or `stale_read`.
 */
export function checkOrder(acknowledged: readonly Acknowledged[]): void {
  const places = new Map<number, Acknowledged>();
  for (const each of acknowledged) {
    if (!each.isCommand) continue;
    const other = places.get(each.index);
    if (other) throw new CrashFailure('log_order_broken', `entry ${each.index} is both ${describe(other)} and ${describe(each)}`);
    places.set(each.index, each);
  }
  const byInvocation = [...acknowledged].sort((a, b) => a.operation.invokeIndex - b.operation.invokeIndex);
  const byEnd = [...acknowledged].sort((a, b) => a.operation.completeIndex - b.operation.completeIndex);
  let ended = 0;
  let latest: Acknowledged | null = null;
  for (const each of byInvocation) {
    for (; (byEnd[ended]?.operation.completeIndex ?? Number.POSITIVE_INFINITY) < each.operation.invokeIndex; ended++) {
      const before = byEnd[ended] as Acknowledged;
      if (before.isCommand && before.index > (latest?.index ?? 0)) latest = before;
    }
    if (latest === null || each.index > latest.index || (!each.isCommand && each.index === latest.index)) continue;
    const code = each.isCommand ? 'log_order_broken' : 'stale_read';
    throw new CrashFailure(
      code,
      `${describe(each)} has index ${each.index}, but ${describe(latest)} with ${latest.index} had ended before`,
    );
  }
}

/**
 * A journal, complete from `start` on, has every acknowledged change at its place, none twice, and nothing of calls that failed for
 * certain. Throws `acknowledged_write_lost` or `refused_write_applied`.
 */
export function checkJournal(
  journal: readonly JournaledEvent[],
  start: number,
  acknowledged: readonly Acknowledged[],
  operations: Iterable<Operation>,
): void {
  const byIndex = new Map(journal.map((event) => [event.index, event]));
  for (const each of acknowledged) {
    if (each.effect === null || each.index < start) continue;
    const found = byIndex.get(each.index)?.effect;
    if (found && sameEffect(found, each.effect)) continue;
    const instead = found ? `holds ${JSON.stringify(found)} there` : 'holds nothing there';
    throw new CrashFailure('acknowledged_write_lost', `${describe(each)} was acknowledged at index ${each.index}; the journal ${instead}`);
  }
  const values = new Map<string, number>();
  for (const { index, effect } of journal) {
    if (effect.kind !== 'put') continue;
    const before = values.get(effect.value);
    if (before !== undefined) throw new CrashFailure('log_order_broken', `value ${effect.value} was put at ${before} and at ${index}`);
    values.set(effect.value, index);
  }
  for (const { f, input, outcome } of operations) {
    const value = outcome === 'fail' ? writtenValue(f, input) : null;
    const index = value === null ? undefined : values.get(value);
    if (index !== undefined)
      throw new CrashFailure('refused_write_applied', `${f} of ${value} failed for certain; it is at index ${index}`);
  }
}

/**
 * Keys that were put once, and deleted at most once, are there with their value and revision, or gone. Throws
 * `acknowledged_write_lost` or `refused_write_applied`.
 */
export function checkOnceWritten(entries: readonly Entry[], operations: Iterable<Operation>, acknowledged: readonly Acknowledged[]): void {
  const stored = new Map(entries.map((entry) => [entry.key, entry]));
  const indexes = new Map(acknowledged.map(({ operation, index }) => [operation, index]));
  const deletions = new Set<string>();
  const puts: Operation[] = [];
  for (const operation of operations) {
    const { key, f, outcome } = operation;
    if (key === null || !isWrittenOnce(key)) continue;
    if (f === 'put') puts.push(operation);
    if (f === 'delete' && outcome !== 'fail') deletions.add(key);
    if (f === 'delete' && outcome === 'ok' && stored.has(key))
      throw new CrashFailure('acknowledged_write_lost', `${key} was deleted, and is there`);
  }
  for (const put of puts) {
    const found = stored.get(put.key as string);
    const index = indexes.get(put);
    if (found === undefined) {
      if (index === undefined || deletions.has(put.key as string)) continue;
      throw new CrashFailure('acknowledged_write_lost', `${put.key} was put at index ${index} and never deleted, and is not there`);
    }
    if (put.outcome === 'fail') throw new CrashFailure('refused_write_applied', `${put.key} is there, though its put failed for certain`);
    if (textOf(found) !== put.input || (index !== undefined && found.revision !== index)) {
      throw new CrashFailure(
        'acknowledged_write_lost',
        `${put.key} holds ${textOf(found)} of ${found.revision}, not ${put.input} of ${index}`,
      );
    }
  }
}

const oncePrefix = 'once/';

export function onceKey(name: string): string {
  return oncePrefix + name;
}

export function isWrittenOnce(key: string): boolean {
  return key.startsWith(oncePrefix);
}

export function textOf({ value }: Pick<Entry, 'value'>): string {
  return Buffer.from(value).toString();
}

function describe({ operation: { f, key, input } }: Acknowledged): string {
  return `${f} of ${key}${input === null ? '' : ` (${JSON.stringify(input)})`}`;
}

function sameEffect(a: Effect, b: Effect): boolean {
  return a.kind === b.kind && a.key === b.key && (a.kind !== 'put' || b.kind !== 'put' || a.value === b.value);
}

/** The value that a call writes, null for one that writes none. */
function writtenValue(f: string, input: unknown): string | null {
  if (f === 'put') return input as string;
  if (f === 'compare-and-set') return (input as { readonly value: string }).value;
  return null;
}
