import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemberId } from '@flotilla/core';
import { writeFileDurablySync } from '@flotilla/storage/files';
import { peersFile } from './data-directory.ts';
import { unusable } from './identity.ts';

/** No id is given twice, so that the list grows with every replaced member; those that were not seen for longest go first. */
const peersMax = 1024;
const incarnationLengthMax = 100;

/** Which data directory each other member came with when it was first met. */
export class RememberedPeers {
  readonly #file: string;
  readonly #self: MemberId;
  /** Those admitted last are last. */
  #incarnations: ReadonlyMap<MemberId, string>;

  private constructor(file: string, self: MemberId, incarnations: ReadonlyMap<MemberId, string>) {
    this.#file = file;
    this.#self = self;
    this.#incarnations = incarnations;
  }

  /** Throws `data_directory_unusable` where the file is there and says nothing. */
  static async open(directory: string, self: MemberId): Promise<RememberedPeers> {
    const file = join(directory, peersFile);
    return new RememberedPeers(file, self, await readPeers(file));
  }

  /**
   * Whether a peer with this incarnation may take part: null, or in words why not. Who is new is taken at its word.
   *
   * A peer is remembered durably before it is admitted: that one small file is written at its very first visit, with this
   * process waiting for the disk. A member that came back without its data would vote and acknowledge a second time, having
   * forgotten the first; this keeps it out.
   */
  admit(peer: MemberId, incarnation: string): string | null {
    if (peer === this.#self) return `member ${peer} is this member: two processes have the same number`;
    if (incarnation.length === 0 || incarnation.length > incarnationLengthMax) return `member ${peer} does not say whose data it has`;
    const known = this.#incarnations.get(peer);
    if (known !== undefined && known !== incarnation) {
      return `member ${peer} comes with another data directory than before: it lost its data, or runs twice. Remove it from the cluster, and add it anew under the next number`;
    }
    const incarnations = new Map(this.#incarnations);
    incarnations.delete(peer);
    incarnations.set(peer, incarnation);
    const [oldest] = incarnations.keys();
    if (incarnations.size > peersMax && oldest !== undefined) incarnations.delete(oldest);
    if (known === undefined) {
      try {
        writeFileDurablySync(this.#file, `${JSON.stringify({ peers: [...incarnations] })}\n`);
      } catch (error) {
        return `member ${peer} cannot be remembered: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
    this.#incarnations = incarnations;
    return null;
  }
}

async function readPeers(file: string): Promise<Map<MemberId, string>> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as { readonly peers?: unknown } | null;
    if (isPeers(value?.peers)) return new Map(value.peers);
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

function isPeers(value: unknown): value is [MemberId, string][] {
  return (
    Array.isArray(value) &&
    value.every((each) => Array.isArray(each) && each.length === 2 && Number.isSafeInteger(each[0]) && typeof each[1] === 'string')
  );
}
