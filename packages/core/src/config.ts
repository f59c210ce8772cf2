import { FlotillaError } from './errors.ts';

/** What a group's members must agree on, more or less, to work well together. */
export interface RaftConfig {
  /** A follower that hears nothing from a leader for this long, or up to twice as long, calls an election (paper 5.2). */
  readonly electionTimeoutMs: number;
  /** How often a leader asserts itself. Well below the election timeout, well above a round trip. */
  readonly heartbeatIntervalMs: number;
  /** The most entries that one append carries. */
  readonly appendEntriesMax: number;
  /** The most entries on their way to one peer without an acknowledgement. */
  readonly inflightEntriesMax: number;
  /** The most entries, and bytes of payload, that a leader takes before they are committed; then it is `overloaded`. */
  readonly uncommittedEntriesMax: number;
  readonly uncommittedBytesMax: number;
  /** The most reads that wait for a leader's confirmation at a time. */
  readonly pendingReadsMax: number;
}

export const defaultRaftConfig: RaftConfig = {
  electionTimeoutMs: 500,
  heartbeatIntervalMs: 125,
  appendEntriesMax: 1024,
  inflightEntriesMax: 1024,
  uncommittedEntriesMax: 65_536,
  uncommittedBytesMax: 64 * 1024 * 1024,
  pendingReadsMax: 4096,
};

/** Throws `config_invalid` where the values cannot work. */
export function checkRaftConfig(config: RaftConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new FlotillaError('config_invalid', `${name} is ${value}`, `Set ${name} to a whole number of at least 1.`);
    }
  }
  if (config.electionTimeoutMs < 2 * config.heartbeatIntervalMs) {
    throw new FlotillaError(
      'config_invalid',
      `electionTimeoutMs is ${config.electionTimeoutMs} with heartbeatIntervalMs ${config.heartbeatIntervalMs}`,
      'Set electionTimeoutMs to at least twice heartbeatIntervalMs, better five to ten times.',
    );
  }
}
