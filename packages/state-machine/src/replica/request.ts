/** A session as a command names it. A client numbers its commands from 1 on; a repetition has the number of the first try. */
export interface SessionStamp {
  /** The session's number: the index of the entry that opened it. */
  readonly session: number;
  readonly sequence: number;
  /** The client has the replies of all commands with lower numbers: they need not be kept any longer. */
  readonly acknowledged: number;
}

/** The first and the last version of a machine that a program can run. */
export interface VersionRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * What the payload of a `command` entry asks of a group: a command of its machine, or something that the group does for its machine.
 * Consensus knows nothing of these kinds.
 */
export type GroupRequest =
  /** `version` is the machine's that checked the input; null in logs from before versions. `command` is as `encodeCommand` wrote it. */
  | {
      readonly kind: 'command';
      readonly version: number | null;
      readonly stamp: SessionStamp | null;
      readonly command: Uint8Array;
    }
  /**
   * Replied to with `{ session, ttlMs }`: the session's number, and how long it lives, within bounds, in milliseconds. It expires when so
   * much log time has passed since it was last heard of.
   */
  | { readonly kind: 'open-session'; readonly ttlMs: number }
  | { readonly kind: 'keep-session'; readonly session: number }
  | { readonly kind: 'close-session'; readonly session: number }
  /** Carries nothing but its log time, at which timers and sessions may be due. */
  | { readonly kind: 'clock' }
  /**
   * The effect is carried out and leaves the outbox; `command`, where there is one, follows from it: a request as `encode` gives it, or a
   * bare command, which is then one of the version that asked for the effect. An effect that is gone already is left at that.
   */
  | { readonly kind: 'effect-done'; readonly effect: string; readonly command: Uint8Array | null }
  /** A member says which versions of the machine its program can run. */
  | { readonly kind: 'announce-versions'; readonly member: number; readonly versions: VersionRange }
  /** From here on the machine has this version, provided that each of `members` has announced that it can run it. */
  | { readonly kind: 'activate-version'; readonly version: number; readonly members: readonly number[] }
  /** Each of `members` reports the digest of its state as of this entry, unless a comparison that found a difference has to end first. */
  | { readonly kind: 'compare-states'; readonly members: readonly number[] }
  /** A member's digests as of the entries that the comparison asks for in this round; 0 for one that it does not know any more. */
  | { readonly kind: 'report-digests'; readonly member: number; readonly round: number; readonly digests: readonly number[] };
