import type { GroupId } from '@flotilla/core';
import { decodeJournalRecord, decodeState, type StoredState } from '../journal-record.ts';
import { groupKey, groupOf, indexOf } from '../keys.ts';
import type { PageRecord } from '../pages/walk-tree.ts';
import { generationOf } from '../space-keys.ts';
import { decodePair } from '../space-record.ts';
import { type FindRecord, keyOf, type OnProblem, type RecordVerifier, recordOf } from './record-verifier.ts';

interface GroupView {
  readonly group: GroupId;
  /** Null where it is damaged, or not there. */
  readonly state: StoredState | null;
}

/** Checks every record of derived state in a file: what is applied, the journals, the spaces. */
export class StateVerifier implements RecordVerifier {
  readonly #onProblem: OnProblem;
  #view: GroupView | null = null;

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  resume(group: GroupId, find: FindRecord): void {
    const record = find(groupKey(group));
    this.#view = { group, state: (record && decodeState(group, record)) ?? null };
  }

  add(record: PageRecord): void {
    const key = keyOf(record);
    const group = groupOf(key);
    if (group === undefined) return;
    if (key.length === groupKey(group).length) return this.#state(group, recordOf(record));
    const state = this.#view?.group === group ? this.#view.state : null;
    const index = indexOf(key);
    const generation = generationOf(key);
    // What was replaced, or is about to be removed, is not read any more.
    if (index !== undefined) {
      const isLive = state === null || (index >= state.extent.start && index <= state.applied);
      if (isLive && !decodeJournalRecord(group, index, recordOf(record))) {
        this.#onProblem({ group, index, what: `journal record ${index} is not what was written` });
      }
    } else if (generation === undefined) {
      this.#onProblem({ group, index: null, what: `the state has no records with a key of ${key.length} bytes` });
    } else if ((state === null || generation === state.generation) && !decodePair(key, recordOf(record))) {
      this.#onProblem({ group, index: null, what: `the pair with the key ${key.toString('hex')} is not what was written` });
    }
  }

  #state(group: GroupId, record: Buffer): void {
    const state = decodeState(group, record) ?? null;
    this.#view = { group, state };
    if (state === null) this.#onProblem({ group, index: null, what: 'the applied index is not what was written' });
  }
}
