import { FlotillaError } from './errors.ts';

/** What a group's members must agree on, more or less, to work well together. */
export interface RaftConfig {
  /** A follower that hears nothing from a leader for this long, or up to twice as long, calls an election (paper 5.2). */
  readonly electionTimeoutMs: number;
  /** How often a leader asserts itself. Well below the election timeout, well above a round trip. */
  readonly heartbeatIntervalMs: number;
  /** By how many percent two members' clocks may differ in speed: a lease is that much shorter than the election timeout. */
  readonly leaseDriftPercent: number;
  /** A leader whose group has nothing to do for this long lets it sleep, without heartbeats; 0 for never. */
  readonly quiesceAfterMs: number;
  /** The most entries, and bytes of payload, that one append carries; a single larger entry still travels. */
  readonly appendEntriesMax: number;
  readonly appendBytesMax: number;
  /** The most appends, entries, and bytes of payload, on their way to one peer without an acknowledgement. */
  readonly inflightAppendsMax: number;
  readonly inflightEntriesMax: number;
  readonly inflightBytesMax: number;
  /** The most entries, and bytes of payload, that a leader takes before they are committed; then it is `overloaded`. */
  readonly uncommittedEntriesMax: number;
  readonly uncommittedBytesMax: number;
  /** The most reads that wait for a leader's confirmation at a time. */
  readonly pendingReadsMax: number;
  /** The most bytes of a snapshot in one message. */
  readonly snapshotChunkBytesMax: number;
  /** Entries that stay in the log behind a snapshot, for followers that are a little late. */
  readonly trailingEntries: number;
}

const mebibyte = 1024 * 1024;

export const defaultRaftConfig: RaftConfig = {
  electionTimeoutMs: 500,
  heartbeatIntervalMs: 125,
  leaseDriftPercent: 10,
  quiesceAfterMs: 0,
  appendEntriesMax: 1024,
  appendBytesMax: mebibyte,
  inflightAppendsMax: 256,
  inflightEntriesMax: 4096,
  inflightBytesMax: 8 * mebibyte,
  uncommittedEntriesMax: 65_536,
  uncommittedBytesMax: 64 * mebibyte,
  pendingReadsMax: 4096,
  snapshotChunkBytesMax: 256 * 1024,
  trailingEntries: 4096,
};

const mayBeZero: readonly (keyof RaftConfig)[] = ['quiesceAfterMs', 'leaseDriftPercent', 'trailingEntries'];

/** Throws `config_invalid` where the values cannot work. */
export function checkRaftConfig(config: RaftConfig): void {
  for (const [name, value] of Object.entries(config)) {
    const least = mayBeZero.some((key) => key === name) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new FlotillaError('config_invalid', `${name} is ${value}`, `Set ${name} to a whole number of at least ${least}.`);
    }
  }
  if (config.electionTimeoutMs < 3 * config.heartbeatIntervalMs) {
    throw new FlotillaError(
      'config_invalid',
      `electionTimeoutMs is ${config.electionTimeoutMs} with heartbeatIntervalMs ${config.heartbeatIntervalMs}`,
      'Set electionTimeoutMs to at least three times heartbeatIntervalMs, better five to ten times.',
    );
  }
}
