import { describeLog, describeMembership, type Entry, type LogShape, type Membership, type SnapshotInfo } from '@flotilla/core';

/** The most characters of a payload that are shown; a longer one is shown by its size. */
const textMax = 40;

/** Any value of a member's life in a few words: an input, an event, a message, a part of its state. */
export function describeValue(value: unknown): string {
  if (value === null) return 'none';
  if (value instanceof Uint8Array) return describeBytes(value);
  if (value instanceof Map) return `{${[...value].map(([key, each]) => `${String(key)}: ${describeValue(each)}`).join(', ')}}`;
  if (Array.isArray(value)) return describeArray(value);
  if (typeof value !== 'object') return String(value);
  if (isMembership(value)) return describeMembership(value);
  if (isLog(value)) return describeLog(value);
  if (isSnapshot(value)) return `${value.id} of ${value.index}@${value.term}, ${value.size} bytes, ${describeMembership(value.membership)}`;
  const { kind, ...fields } = value as { readonly [name: string]: unknown };
  const words = Object.entries(fields)
    .filter(([name]) => !isTime(name))
    .map(([name, each]) => describeField(name, each));
  return kind === undefined ? `{${words.join(' ')}}` : [String(kind), ...words].join(' ');
}

function describeField(name: string, value: unknown): string {
  // A message or a change says itself what it is.
  if (typeof value === 'object' && value !== null && 'kind' in value) return describeValue(value);
  return `${name}=${describeValue(value)}`;
}

/** When an input came stands in front of it. */
function isTime(name: string): boolean {
  return name === 'now' || name === 'wallTime';
}

function describeArray(values: readonly unknown[]): string {
  if (values.length > 0 && values.every(isEntry)) return describeEntries(values);
  return `[${values.map(describeValue).join(', ')}]`;
}

/** Entries that follow each other and are alike, together: `4@2 no-op, 5-9@2 command (120 bytes)`. */
function describeEntries(entries: readonly Entry[]): string {
  const runs: Entry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run && last && last.term === entry.term && last.kind === entry.kind && last.index + 1 === entry.index) run.push(entry);
    else runs.push([entry]);
  }
  return runs.map(describeRun).join(', ');
}

function describeRun(run: readonly Entry[]): string {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return '';
  const range = first === last ? `${first.index}@${first.term}` : `${first.index}-${last.index}@${first.term}`;
  const bytes = run.reduce((sum, { payload }) => sum + payload.length, 0);
  const content = first === last ? describeBytes(first.payload) : `${bytes} bytes`;
  return bytes === 0 ? `${range} ${first.kind}` : `${range} ${first.kind} (${content})`;
}

function describeBytes(bytes: Uint8Array): string {
  const printable = bytes.length > 0 && bytes.length <= textMax && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable ? JSON.stringify(String.fromCharCode(...bytes)) : `${bytes.length} bytes`;
}

function isEntry(value: unknown): value is Entry {
  return hasFields(value, ['index', 'term', 'kind', 'payload']) && value.payload instanceof Uint8Array;
}

function isMembership(value: object): value is Membership {
  return hasFields(value, ['members', 'outgoing', 'highestId']) && Array.isArray(value.members);
}

function isLog(value: object): value is LogShape {
  return hasFields(value, ['snapshotIndex', 'snapshotTerm', 'runs', 'lastIndex']) && Array.isArray(value.runs);
}

function isSnapshot(value: object): value is SnapshotInfo {
  return hasFields(value, ['id', 'index', 'term', 'size', 'membership']) && hasFields(value.membership, ['members']);
}

function hasFields<K extends string>(value: unknown, names: readonly K[]): value is { readonly [Key in K]: unknown } {
  return typeof value === 'object' && value !== null && names.every((name) => name in value);
}
