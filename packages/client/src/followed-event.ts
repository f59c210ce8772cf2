/** An event and its place in the log. */
export interface FollowedEvent {
  readonly index: number;
  /** The place among the events of the same entry, from 0. */
  readonly ordinal: number;
  readonly term: number;
  /** Log time in milliseconds since 1970. */
  readonly time: number;
  readonly type: string;
  readonly data: unknown;
}
