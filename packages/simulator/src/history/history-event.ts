/**
 * How a call stands: it begins (`invoke`) and ends in one of three ways. `ok`: it was carried out and answered. `fail`: it
 * was certainly not carried out, now or later. `info`: nobody knows, and it may yet be carried out at any time, or never.
 */
export const eventTypes = ['invoke', 'ok', 'fail', 'info'] as const;

export type EventType = (typeof eventTypes)[number];

/** What names a write in the log, unique in its history. */
export type Serial = number | string;

/** One line of a history, as in Jepsen. */
export interface HistoryEvent {
  /**
   * Who calls: one call at a time. A process whose call ended with `info` is never used again, because that call may still be
   * under way; its client goes on under a new number.
   */
  readonly process: number;
  readonly type: EventType;
  /** What is called, as in `put`. */
  readonly f: string;
  /** The object that it concerns; each key is checked by itself. Null where there is but one. */
  readonly key: string | null;
  /** The input at `invoke`, the answer at `ok`, the reason at `fail` and `info`. */
  readonly value: unknown;
  /** Simulated milliseconds since the beginning; never decreases. */
  readonly time: number;
  /** The position in the history; increases. What is before what is decided by this, not by `time`. */
  readonly index: number;
  /** The member that was asked; null where that is not known. */
  readonly node: number | null;
  /** Where the log is known: what finds the call there. */
  readonly serial?: Serial;
}
