import { decodeValue, encodeValue } from '../codec/codec.ts';
import type { RequestedEffect } from '../contract.ts';
import type { StateSpace } from '../space/state-space.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';
import type { PendingEffect } from './replicated-machine.ts';

/** How many effects wait in the outbox at most. */
export const effectsMax = 10_000;

interface StoredEffect {
  /** From 1 on, in the order in which they were asked for; none has the number of another. */
  readonly number: number;
  readonly type: string;
  /** As `encodeValue` wrote it: who carries the effect out gets a copy. */
  readonly data: Uint8Array;
  readonly then: string | null;
  readonly index: number;
  readonly time: number;
  /** The version of the machine that asked for it. */
  readonly version: number;
}

/** The effects that wait to be carried out. */
export class Outbox {
  readonly #effects: RecordTable<number, StoredEffect>;
  #lastNumber = 0;
  #revision: number;

  /** `revision` is the first one. */
  constructor(tracksChanges: boolean, revision: number) {
    this.#effects = new RecordTable<number, StoredEffect>('effects', { write: writeEffect, read: readEffect }, tracksChanges);
    this.#revision = revision;
  }

  get records(): StoredRecords {
    return this.#effects;
  }

  /** How many more may wait. */
  get room(): number {
    return effectsMax - this.#effects.size;
  }

  /** Grows with each change. */
  get revision(): number {
    return this.#revision;
  }

  /** The number of the last effect that was ever asked for, 0 for none: part of the state. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  load(space: StateSpace, lastNumber: number): void {
    this.#effects.load(space);
    this.#lastNumber = lastNumber;
  }

  /** Throws `machine_defect` for data that the codec does not carry. Returns the data as bytes. */
  add({ type, data, then }: RequestedEffect, at: { readonly index: number; readonly time: number; readonly version: number }): Uint8Array {
    const encoded = encodeValue(data, 'machine_defect');
    const number = this.#lastNumber + 1;
    this.#effects.set(number, { number, type, data: encoded, then, index: at.index, time: at.time, version: at.version });
    this.#lastNumber = number;
    this.#revision++;
    return encoded;
  }

  /** The effect is done. Returns the version that asked for it; null where it is gone already. */
  done(id: string): number | null {
    const effect = this.#effects.get(Number(id));
    if (effect === undefined || String(effect.number) !== id) return null;
    this.#effects.delete(effect.number);
    this.#revision++;
    return effect.version;
  }

  /** The first ones, at most `max`. */
  pending(max: number): readonly PendingEffect[] {
    const pending: PendingEffect[] = [];
    for (const { number, type, data, then, index, time, version } of this.#effects.values()) {
      if (pending.length >= max) break;
      pending.push({
        id: String(number),
        type,
        // Most of them are only looked at to see what is new.
        get data() {
          return decodeValue(data);
        },
        then,
        index,
        time,
        version,
      });
    }
    return pending;
  }
}

function writeEffect({ type, data, then, index, time, version }: StoredEffect): unknown {
  return [type, data, then, index, time, version];
}

function readEffect(number: number, written: unknown): StoredEffect {
  const [type, data, then, index, time, version] = written as readonly [string, Uint8Array, string | null, number, number, number];
  return { number, type, data, then, index, time, version };
}
