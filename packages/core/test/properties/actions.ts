import fc from 'fast-check';

/** What may happen next, and how often it does compared with the others. */
const weights = {
  /** Less than a heartbeat interval passes, and nobody wakes. */
  wait: 4,
  /** The member whose deadline comes first wakes. */
  'time-passes': 8,
  /** Any member's deadline has passed, whoever else's has. */
  tick: 4,
  'end-turn': 4,
  'deliver-oldest': 20,
  'deliver-any': 10,
  drop: 3,
  duplicate: 3,
  /** A disk completes its oldest write, or all as one, and the core hears of it. */
  persist: 14,
  /** A disk completes its oldest write; the core hears of it later, by `acknowledge`. */
  write: 4,
  acknowledge: 4,
  crash: 3,
  restart: 8,
  /** A disk loses entries that it had, or the vote, and knows that it did. */
  forget: 3,
  /** There is no room on a disk for anything new, or there is again. */
  'fill-disk': 2,
  'free-disk': 4,
  /** A member does nothing for a while, then goes on; perhaps with a read that takes the time of the pause for now. */
  pause: 2,
  resume: 5,
  propose: 9,
  read: 5,
  'read-by-lease': 6,
  'change-membership': 7,
  transfer: 2,
  'take-snapshot': 5,
  /** A part of a snapshot is stored, or the machine restored; not always is the snapshot what it should be. */
  'snapshot-work': 6,
  /** What the transport believes about a host, rightly or not. */
  'lose-host': 2,
  'find-host': 3,
  /** Everything that is in flight to or from a member is lost. */
  isolate: 2,
  /** For a while everything works; or everything but one disk; or everything but one member's network. */
  settle: 8,
  'settle-stalled': 5,
  'settle-apart': 5,
  /** As above, and time passes. */
  run: 5,
  'run-apart': 4,
  /** One who believes to lead is apart and takes a command, another member calls an election, and gets a command through if it wins. */
  usurp: 4,
  /** As above, after the answers to a leader's heartbeat came so late that they prove little. */
  'answer-late': 2,
  /** A leader sends some part of its log again, or its snapshot. It may at any time, whatever this core's leaders are used to send. */
  'send-any-range': 4,
} as const;

export interface Action {
  readonly kind: keyof typeof weights;
  /** Chooses the member, modulo their number. */
  readonly member: number;
  /** Chooses among what there is to choose from, modulo its number. */
  readonly pick: number;
}

const kinds = Object.keys(weights) as (keyof typeof weights)[];

/** `more` of some kinds. Without bias towards short runs: what is interesting takes several leaders. */
export const schedule = (lengthMax: number, more: Partial<Record<Action['kind'], number>> = {}): fc.Arbitrary<Action[]> =>
  fc.noBias(
    fc.array(
      fc.oneof(
        ...kinds.map((kind) => ({
          weight: more[kind] ?? weights[kind],
          arbitrary: fc.record({ kind: fc.constant(kind), member: fc.nat(839), pick: fc.nat(999) }),
        })),
      ),
      { minLength: 1, maxLength: lengthMax, size: 'max' },
    ),
  );
