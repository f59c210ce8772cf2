import type { StateSpace } from '../space/state-space.ts';
import { unknownDigest } from './digest-history.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';
import type { Divergence } from './replicated-machine.ts';

/** How many digests a member reports in one round at most. */
export const pointsMax = 16;

/*
 * The digest of an entry covers all entries before it. So members that agree on one agree on all before, and those that differ go on to
 * differ; the first difference is found as in a search by halves, with 16 points to a round instead of one. All of it is driven by
 * reports in the log, so that every member comes to the same verdict, also one that differs.
 *
 *   compare-states ─► round 1: the digest as of that entry ─► all the same: closed
 *                                │ some differ
 *                                ▼
 *                     next round: points between what agreed last and the first that differs ─► … ─► the first entry that differs
 */

/** A comparison of states that is under way. */
interface Comparison {
  /** Who is compared. */
  readonly members: readonly number[];
  /** No other comparison has had this round. */
  readonly round: number;
  /** The entries whose digests are asked for. */
  readonly points: readonly number[];
  readonly reports: ReadonlyMap<number, readonly number[]>;
  /** The last entry on which all are known to agree. */
  readonly agreed: number;
  /** Nothing can be known of entries up to here. */
  readonly floor: number;
  /** The first entry on which some are known to differ; null in the first round. */
  readonly differs: number | null;
  /** What the members reported in the first round: it tells who is with whom. */
  readonly standing: ReadonlyMap<number, number>;
}

/** What a comparison keeps between entries. */
export interface ComparisonState {
  readonly current: Comparison | null;
  readonly lastRound: number;
  readonly agreed: number;
}

/** Compares the states of the members by their digests, and finds the first entry after which they differ. */
export class StateComparison {
  readonly #divergences: RecordTable<number, Divergence>;
  #current: Comparison | null = null;
  #lastRound = 0;
  #agreed = 0;

  constructor(tracksChanges: boolean) {
    this.#divergences = new RecordTable<number, Divergence>('divergences', { write: writeDivergence, read: readDivergence }, tracksChanges);
  }

  get records(): StoredRecords {
    return this.#divergences;
  }

  get state(): ComparisonState {
    return { current: this.#current, lastRound: this.#lastRound, agreed: this.#agreed };
  }

  load(space: StateSpace, { current, lastRound, agreed }: ComparisonState): void {
    this.#divergences.load(space);
    this.#current = current;
    this.#lastRound = lastRound;
    this.#agreed = agreed;
  }

  divergence(member: number): Divergence | null {
    return this.#divergences.get(member) ?? null;
  }

  /** What a member has to report: the entries whose digests are asked for, and the round; null where nothing waits for it. */
  asks(member: number): { readonly round: number; readonly points: readonly number[] } | null {
    const current = this.#current;
    return current?.members.includes(member) && !current.reports.has(member) ? current : null;
  }

  /**
   * Begins a comparison as of the entry `index`. One that is under way and has shown a difference goes on instead, with those who
   * reported: somebody who does not answer must not hide it. Returns whether a new one began.
   */
  begin(index: number, members: readonly number[]): boolean {
    if (this.#current !== null && this.#current.reports.size > 1 && this.#goesOnWithout(this.#current)) return false;
    for (const member of members) this.#divergences.delete(member);
    this.#current = {
      members,
      round: ++this.#lastRound,
      points: [index],
      reports: new Map(),
      agreed: this.#agreed,
      floor: this.#agreed,
      differs: null,
      standing: new Map(),
    };
    return true;
  }

  /** A report that nobody waits for is ignored. */
  report(member: number, round: number, digests: readonly number[]): void {
    const asked = this.asks(member);
    if (this.#current === null || asked?.round !== round || digests.length !== asked.points.length) return;
    this.#current = { ...this.#current, reports: new Map([...this.#current.reports, [member, digests]]) };
    if (this.#current.reports.size === this.#current.members.length) this.#conclude(this.#current);
  }

  /** Whether it shows a difference, and so goes on. */
  #goesOnWithout(current: Comparison): boolean {
    const isDifferent = current.differs !== null || current.points.some((_, at) => agreementAt(current, at) === 'differ');
    if (isDifferent) this.#conclude({ ...current, members: current.members.filter((member) => current.reports.has(member)) });
    return isDifferent;
  }

  /** All have reported. */
  #conclude(current: Comparison): void {
    this.#current = null;
    const [compared = 0] = current.points;
    if (current.differs === null && agreementAt(current, 0) !== 'differ') {
      if (agreementAt(current, 0) === 'agree') this.#agreed = compared;
      return;
    }
    const narrowed = current.differs === null ? firstRound(current, compared) : narrowDown(current);
    if (narrowed.points.length === 0) return this.#judge(narrowed);
    this.#current = { ...narrowed, round: ++this.#lastRound, reports: new Map() };
  }

  #judge({ differs, agreed, standing }: Comparison): void {
    const members = minorityOf(standing);
    for (const member of members) this.#divergences.set(member, { index: differs ?? 0, agreedIndex: agreed, members });
  }
}

type Agreement = 'agree' | 'differ' | 'unknown';

function agreementAt({ reports }: Comparison, point: number): Agreement {
  const digests = new Set([...reports.values()].map((digestsOfMember) => digestsOfMember[point] ?? unknownDigest));
  const isComplete = !digests.delete(unknownDigest);
  if (digests.size > 1) return 'differ';
  return isComplete && digests.size === 1 ? 'agree' : 'unknown';
}

function firstRound(current: Comparison, differs: number): Comparison {
  const standing = new Map([...current.reports].map(([member, [digest = unknownDigest]]) => [member, digest]));
  return { ...current, differs, standing, points: pointsBetween(current.floor, differs) };
}

function narrowDown(current: Comparison): Comparison {
  let { agreed, floor, differs } = current;
  for (const [at, point] of current.points.entries()) {
    const agreement = agreementAt(current, at);
    if (agreement === 'differ') {
      differs = point;
      break;
    }
    if (agreement === 'agree') agreed = point;
    floor = point;
  }
  return { ...current, agreed, floor, differs, points: pointsBetween(floor, differs ?? 0) };
}

/** Evenly between both, without them. */
function pointsBetween(floor: number, end: number): readonly number[] {
  const count = Math.min(pointsMax, end - floor - 1);
  return Array.from({ length: Math.max(count, 0) }, (_, at) => floor + Math.floor(((at + 1) * (end - floor)) / (count + 1)));
}

/** Who is not with the largest party; where several are as large, the one with the lowest member counts: somebody has to go on. */
function minorityOf(standing: ReadonlyMap<number, number>): readonly number[] {
  const known = [...standing].filter(([, digest]) => digest !== unknownDigest).sort(([a], [b]) => a - b);
  const parties = new Map<number, number>();
  for (const [, digest] of known) parties.set(digest, (parties.get(digest) ?? 0) + 1);
  const largest = Math.max(...parties.values());
  const majority = known.find(([, digest]) => parties.get(digest) === largest)?.[1];
  return known.filter(([, digest]) => digest !== majority).map(([member]) => member);
}

function writeDivergence({ index, agreedIndex, members }: Divergence): unknown {
  return [index, agreedIndex, members];
}

function readDivergence(_member: number, written: unknown): Divergence {
  const [index, agreedIndex, members] = written as readonly [number, number, readonly number[]];
  return { index, agreedIndex, members };
}
