import type { GroupId } from '@flotilla/core';
import { SpaceLayer } from '@flotilla/storage';
import type { RecordSource } from './environment.ts';
import { generationStart, storedKeyOfBinary } from './space-keys.ts';
import { SpaceReader } from './space-reader.ts';
import { encodePair } from './space-record.ts';
import type { SpaceWrite } from './space-writes.ts';

/** What of a group's space is in memory, and where the rest is in the file. */
export class GroupSpace {
  readonly #group: GroupId;
  readonly #staged = new SpaceLayer();
  /** Committed and not in the file yet. */
  #unflushed = new SpaceLayer();
  /** On its way to the file. */
  #flushing: SpaceLayer | null = null;
  #generation: number;
  #stored: SpaceReader;

  constructor(source: RecordSource, group: GroupId, generation: number) {
    this.#group = group;
    this.#generation = generation;
    this.#stored = new SpaceReader(source, group, generation);
  }

  get generation(): number {
    return this.#generation;
  }

  /** The newest first; what is written goes to the first. */
  get layers(): readonly [SpaceLayer, ...SpaceLayer[]] {
    return this.#flushing === null ? [this.#staged, this.#unflushed] : [this.#staged, this.#unflushed, this.#flushing];
  }

  get stored(): SpaceReader {
    return this.#stored;
  }

  get stagedBytes(): number {
    return this.#staged.bytes;
  }

  /** What is staged is committed from now on. Returns how much memory it takes, in bytes. */
  commit(): number {
    const { bytes } = this.#staged;
    for (const [key, value] of this.#staged.entries()) this.#unflushed.set(key, value);
    this.#staged.clear();
    return bytes;
  }

  /** What has to go to the file; until `flushed` it is read from memory. */
  beginFlush(): readonly SpaceWrite[] {
    const start = generationStart(this.#group, this.#generation);
    const writes: SpaceWrite[] = [];
    for (const [key, value] of this.#unflushed.entries()) {
      const storedKey = storedKeyOfBinary(start, key);
      writes.push({ storedKey, record: value && encodePair(storedKey, value) });
    }
    this.#flushing = this.#unflushed;
    this.#unflushed = new SpaceLayer();
    return writes;
  }

  flushed(): void {
    this.#flushing = null;
  }

  /** From now on the space is what the file has of this generation. */
  replace(source: RecordSource, generation: number): void {
    this.#staged.clear();
    this.#unflushed = new SpaceLayer();
    this.#flushing = null;
    this.#generation = generation;
    this.#stored = new SpaceReader(source, this.#group, generation);
  }
}
