import type { MemberId, Term } from '@flotilla/core';
import { StorageError } from '@flotilla/storage';
import type { SeededRandom } from '../engine/seeded-random.ts';

/** No number is given twice, so that the list grows with every replaced member; those that were not seen for longest go first. */
const peersMax = 1024;

/** Whose data a disk holds. */
export interface Owner {
  readonly member?: MemberId;
  readonly cluster?: string;
}

/**
 * The small files beside the stores: whose they are, how many transactions the log has had, the highest term in which anything
 * was promised, and which data every other member came with. Written and synced by themselves, so that an older copy of the stores does not bring an older one of these.
 */
export class IdentityRecord {
  readonly #random: SeededRandom;
  #incarnation: string;
  #owner: Owner = {};
  #peers = new Map<MemberId, string>();
  #generation = 0;
  #highestTerm: Term = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#incarnation = drawIncarnation(random);
  }

  /** Drawn when the directory was created. */
  get incarnation(): string {
    return this.#incarnation;
  }

  /** So many transactions of the log were durable, and may have been promised to others. */
  get generation(): number {
    return this.#generation;
  }

  /** Nothing was promised in a later term. */
  get highestTerm(): Term {
    return this.#highestTerm;
  }

  advance(generation: number, term: Term): void {
    this.#generation = Math.max(this.#generation, generation);
    this.#highestTerm = Math.max(this.#highestTerm, term);
  }

  /** Forgets everything: the directory is created anew. */
  renew(): void {
    this.#incarnation = drawIncarnation(this.#random);
    this.#owner = {};
    this.#peers = new Map();
    this.#generation = 0;
    this.#highestTerm = 0;
  }

  /** Throws `data_directory_of_another_member` or `data_directory_of_another_cluster`. */
  claim({ member, cluster }: Owner): void {
    const { member: knownMember = member, cluster: knownCluster = cluster } = this.#owner;
    if (cluster !== undefined && cluster !== knownCluster) {
      throw new StorageError(
        'data_directory_of_another_cluster',
        `the disk belongs to cluster "${knownCluster}", not to "${cluster}"`,
        'Wipe the disk first: a new cluster needs an empty one.',
      );
    }
    if (member !== undefined && member !== knownMember) {
      throw new StorageError(
        'data_directory_of_another_member',
        `the disk belongs to member ${knownMember}, not to member ${member}`,
        'Wipe the disk first: every member needs one of its own.',
      );
    }
    this.#owner = {
      ...(knownMember !== undefined && { member: knownMember }),
      ...(knownCluster !== undefined && { cluster: knownCluster }),
    };
  }

  /** Whether a peer with this incarnation may take part: null, or in words why not. The rule of `storage-lmdb`. */
  admit(peer: MemberId, incarnation: string): string | null {
    if (peer === this.#owner.member) return `member ${peer} is this member: two processes have the same number`;
    if (incarnation.length === 0) return `member ${peer} does not say whose data it has`;
    const known = this.#peers.get(peer);
    if (known !== undefined && known !== incarnation) return `member ${peer} comes with another data directory than before`;
    this.#peers.delete(peer);
    this.#peers.set(peer, incarnation);
    const [oldest] = this.#peers.keys();
    if (this.#peers.size > peersMax && oldest !== undefined) this.#peers.delete(oldest);
    return null;
  }
}

function drawIncarnation(random: SeededRandom): string {
  return [0, 1].map(() => random.integer(0, 0xffff_ffff).toString(16).padStart(8, '0')).join('');
}
