import type { Random } from './random.ts';

export const sectorBytes = 512;

/** What a sector, or the size, was at some time, and when it was written. */
interface Version<T> {
  readonly at: number;
  readonly value: T;
  /** A sync that covered it failed: the kernel takes it for written, and no later sync writes it (fsyncgate). */
  forgotten: boolean;
}

/** How much of what is not durable a power cut leaves: the chance of each sector, or everything up to a moment. */
export type Survival = { readonly kind: 'sectors'; readonly probability: number } | { readonly kind: 'until'; readonly at: number };

/** A file on a disk that keeps what was synced, and of the rest any sectors, each as it was at some time since. */
export class DiskFile {
  #durable = Buffer.alloc(0);
  #durableSize = 0;
  readonly #sectors = new Map<number, Version<Buffer>[]>();
  #sizes: Version<number>[] = [];

  write(at: number, offset: number, bytes: Buffer): void {
    const end = offset + bytes.length;
    for (const sector of sectorsOf(offset, end)) {
      const start = sector * sectorBytes;
      const value = Buffer.from(this.#newest(sector));
      bytes.copy(value, Math.max(0, offset - start), Math.max(0, start - offset), Math.min(bytes.length, start + sectorBytes - offset));
      this.#add(sector, at, value);
    }
    if (end > this.#newestSize()) this.#sizes.push({ at, value: end, forgotten: false });
  }

  truncate(at: number, size: number): void {
    for (const sector of sectorsOf(size, this.#newestSize())) {
      const value = Buffer.from(this.#newest(sector));
      value.fill(0, Math.max(0, size - sector * sectorBytes));
      this.#add(sector, at, value);
    }
    this.#sizes.push({ at, value: size, forgotten: false });
  }

  /** Everything of before `at` is durable; of the sectors of `range` only, where one is given. */
  synced(at: number, range?: { readonly offset: number; readonly length: number }): void {
    const covered = range && new Set(sectorsOf(range.offset, range.offset + range.length));
    for (const [sector, versions] of this.#sectors) {
      if (covered && !covered.has(sector)) continue;
      const newest = versions.findLast((version) => version.at < at && !version.forgotten);
      if (!newest) continue;
      this.#makeDurable(sector, newest.value);
      const rest = versions.filter((version) => version.at > newest.at);
      if (rest.length > 0) this.#sectors.set(sector, rest);
      else this.#sectors.delete(sector);
    }
    const size = this.#sizes.findLast((version) => version.at < at && !version.forgotten);
    if (size) this.#durableSize = size.value;
    if (size) this.#sizes = this.#sizes.filter((version) => version.at > size.at);
  }

  syncFailed(at: number): void {
    for (const version of [...this.#sizes, ...[...this.#sectors.values()].flat()]) if (version.at < at) version.forgotten = true;
  }

  /** What is there after a power cut. */
  image(survival: Survival, random: Random): Buffer {
    const size = survivor(this.#sizes, survival, random)?.value ?? this.#durableSize;
    const image = Buffer.alloc(size);
    this.#durable.copy(image, 0, 0, Math.min(this.#durableSize, size));
    for (const [sector, versions] of this.#sectors) survivor(versions, survival, random)?.value.copy(image.subarray(sector * sectorBytes));
    return image;
  }

  #newest(sector: number): Buffer {
    const versions = this.#sectors.get(sector);
    if (versions) return versions.at(-1)?.value ?? Buffer.alloc(0);
    const value = Buffer.alloc(sectorBytes);
    this.#durable.subarray(sector * sectorBytes, (sector + 1) * sectorBytes).copy(value);
    return value;
  }

  #newestSize(): number {
    return this.#sizes.at(-1)?.value ?? this.#durableSize;
  }

  #add(sector: number, at: number, value: Buffer): void {
    const versions = this.#sectors.get(sector);
    if (versions) versions.push({ at, value, forgotten: false });
    else this.#sectors.set(sector, [{ at, value, forgotten: false }]);
  }

  #makeDurable(sector: number, value: Buffer): void {
    const start = sector * sectorBytes;
    if (start + sectorBytes > this.#durable.length) {
      const larger = Buffer.alloc(2 * (start + sectorBytes));
      this.#durable.copy(larger);
      this.#durable = larger;
    }
    value.copy(this.#durable, start);
  }
}

function* sectorsOf(from: number, to: number): Generator<number, void, void> {
  for (let sector = Math.floor(from / sectorBytes); sector * sectorBytes < to; sector++) yield sector;
}

/** Undefined where the power cut leaves what is durable. */
function survivor<T>(versions: readonly Version<T>[], survival: Survival, random: Random): Version<T> | undefined {
  if (survival.kind === 'until') return versions.findLast(({ at }) => at <= survival.at);
  return random.chance(survival.probability) ? random.pick(versions.slice(-1 - random.below(versions.length || 1))) : undefined;
}
