import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { MemberId } from '@flotilla/core';
import { writeFileDurablySync } from '@flotilla/storage/files';
import { peersFile } from './data-directory.ts';
import { unusable } from './identity.ts';
import { describeOpening, type Opening, parseOpening } from './opening.ts';

/** No id is given twice, so that the list grows with every replaced member; those that were not seen for longest go first. */
const peersMax = 1024;

/** Which data directory each other member came with when it was first met, and which opening of it was the latest. */
export class RememberedPeers {
  readonly #file: string;
  readonly #self: MemberId;
  /** Those admitted last are last. */
  #openings: ReadonlyMap<MemberId, Opening>;

  private constructor(file: string, self: MemberId, openings: ReadonlyMap<MemberId, Opening>) {
    this.#file = file;
    this.#self = self;
    this.#openings = openings;
  }

  /** Throws `data_directory_unusable` where the file is there and says nothing. */
  static async open(directory: string, self: MemberId): Promise<RememberedPeers> {
    const file = join(directory, peersFile);
    return new RememberedPeers(file, self, await readPeers(file));
  }

  /** The latest opening of its data that a peer was admitted with, as it told it; null for one that was never admitted. */
  seen(peer: MemberId): string | null {
    const known = this.#openings.get(peer);
    return known ? describeOpening(known) : null;
  }

  /**
   * Whether a peer with this incarnation may take part: null, or in words why not. Who is new is taken at its word.
   *
   * A peer is remembered durably before it is admitted: that one small file is written at its first visit, and at its first one after
   * each of its starts, with this process waiting for the disk. A member that came back without its data, or with older data, would vote
   * and acknowledge a second time, having forgotten the first; this keeps it out.
   */
  admit(peer: MemberId, incarnation: string): string | null {
    if (peer === this.#self) return `member ${peer} is this member: two processes have the same number`;
    const opening = parseOpening(incarnation);
    if (!opening) return `member ${peer} does not say whose data it has`;
    const known = this.#openings.get(peer);
    const refusal = known && refusalOf(known, opening);
    if (refusal) return `member ${peer} comes with ${refusal}. Remove it from the cluster, and add it anew under the next number`;
    const openings = new Map(this.#openings);
    openings.delete(peer);
    openings.set(peer, opening);
    const [oldest] = openings.keys();
    if (openings.size > peersMax && oldest !== undefined) openings.delete(oldest);
    if (known?.generation !== opening.generation) {
      try {
        const peers = [...openings].map(([id, { data, generation, run }]) => [id, data, generation, run]);
        writeFileDurablySync(this.#file, `${JSON.stringify({ peers, checksum: checksumOf(peers) })}\n`);
      } catch (error) {
        return `member ${peer} cannot be remembered: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    this.#openings = openings;
    return null;
  }
}

function refusalOf(known: Opening, now: Opening): string | null {
  if (known.data !== now.data) return 'another data directory than before: it lost its data, or runs twice';
  const isOlder = now.generation < known.generation || (now.generation === known.generation && now.run !== known.run);
  return isOlder ? 'an older copy of its data than before: it was restored from a backup, or runs twice' : null;
}

async function readPeers(file: string): Promise<Map<MemberId, Opening>> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as { readonly peers?: unknown; readonly checksum?: unknown } | null;
    if (isPeers(value?.peers) && value.checksum !== checksumOf(value.peers)) throw new Error('it is not what was written');
    if (isPeers(value?.peers)) return new Map(value.peers.map(([id, data, generation, run]) => [id, { data, generation, run }]));
    throw new Error('it lists no peers');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map();
    throw unusable(
      `${file} is unreadable: ${error instanceof Error ? error.message : String(error)}`,
      'If no other member lost its data meanwhile, remove the file: every member is then taken at its word once more.',
      error,
    );
  }
}

/** A bit that is wrong here would keep a peer out, or let one in. */
function checksumOf(peers: unknown): number {
  return crc32(JSON.stringify(peers));
}

function isPeers(value: unknown): value is [id: MemberId, data: string, generation: number, run: string][] {
  return (
    Array.isArray(value) &&
    value.every((each) => {
      const [id, data, generation, run] = Array.isArray(each) ? each : [];
      return Number.isSafeInteger(id) && typeof data === 'string' && Number.isSafeInteger(generation) && typeof run === 'string';
    })
  );
}
