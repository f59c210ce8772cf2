import type { GroupId, Index } from '@flotilla/core';
import { baseKey, groupKey, groupOf, indexOf } from '../keys.ts';
import { chainStart, decodeBase, decodeHardState, type EntryHeader, entryHeader } from '../log-record.ts';
import type { PageRecord } from '../pages/walk-tree.ts';
import { type FindRecord, keyOf, type OnProblem, type RecordVerifier, recordOf } from './record-verifier.ts';

/** How long a key is that stands for what a group has one of: its hard state, and its beginning. */
const [hardStateKeyBytes, baseKeyBytes] = [groupKey(1).length, baseKey(1).length];

/** What is known of a group while its records go by. */
interface GroupView {
  readonly group: GroupId;
  /** While it heals, what does not follow is what it has lost: the log ends there. */
  recovering: boolean;
  base: Index;
  /** The chain of the next entry; null where it cannot be known. */
  chain: number | null;
  /** Of the next entry; null where it may be any. */
  next: Index | null;
  ended: boolean;
}

/** Checks every record of the logs in a file. */
export class LogVerifier implements RecordVerifier {
  readonly #onProblem: OnProblem;
  readonly #onEntry: (header: EntryHeader) => void;
  #view: GroupView | null = null;

  constructor(onProblem: OnProblem, onEntry: (header: EntryHeader) => void = () => {}) {
    this.#onProblem = onProblem;
    this.#onEntry = onEntry;
  }

  resume(group: GroupId, find: FindRecord): void {
    const view = this.#begin(group);
    const [hardState, base] = [find(groupKey(group)), find(baseKey(group))];
    if (hardState) this.#hardState(view, hardState);
    if (base) this.#base(view, base);
    view.chain = null;
    view.next = null;
  }

  add(record: PageRecord): void {
    const key = keyOf(record);
    const group = groupOf(key);
    // What a file has one of is for whoever knows the directory.
    if (group === undefined) return;
    const view = this.#view?.group === group ? this.#view : this.#begin(group);
    const index = indexOf(key);
    if (index !== undefined) this.#entry(view, index, record);
    else if (key.length === hardStateKeyBytes) this.#hardState(view, recordOf(record));
    else if (key.length === baseKeyBytes) this.#base(view, recordOf(record));
    else this.#onProblem({ group, index: null, what: `the log has no records with a key of ${key.length} bytes` });
  }

  #begin(group: GroupId): GroupView {
    this.#view = { group, recovering: false, base: 0, chain: chainStart(group, 0, 0), next: 1, ended: false };
    return this.#view;
  }

  #hardState(view: GroupView, record: Uint8Array): void {
    const stored = decodeHardState(view.group, record);
    view.recovering = stored?.hardState.recovering === true;
    if (!stored) this.#onProblem({ group: view.group, index: null, what: 'the hard state is not what was written' });
  }

  #base(view: GroupView, record: Uint8Array): void {
    const stored = decodedBase(view.group, record);
    if (!stored) this.#onProblem({ group: view.group, index: null, what: 'the beginning of the log is not what was written' });
    view.base = stored?.base.index ?? 0;
    view.chain = stored?.chain ?? null;
    view.next = stored ? stored.base.index + 1 : null;
  }

  #entry(view: GroupView, index: Index, { value, valueStart, valueEnd }: PageRecord): void {
    // Removed sooner or later.
    if (view.ended || index <= view.base) return;
    const { group, chain, next } = view;
    const header = entryHeader(group, index, value, valueStart, valueEnd);
    const what =
      next !== null && index !== next
        ? `entries ${next} to ${index - 1} are missing`
        : !header
          ? `entry ${index} is not what was written`
          : chain !== null && header.chain !== chain
            ? `entry ${index} does not follow the entry before it`
            : null;
    view.ended = what !== null && view.recovering;
    if (what !== null && !view.recovering) this.#onProblem({ group, index, what });
    if (header && !view.ended) this.#onEntry(header);
    view.chain = header?.checksum ?? null;
    view.next = index + 1;
  }
}

function decodedBase(group: GroupId, record: Uint8Array) {
  try {
    return decodeBase(group, record);
  } catch {
    return undefined;
  }
}
