import type { StateSpace } from '../space/state-space.ts';
import { unknownDigest } from './digest-history.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';
import type { Divergence } from './replicated-machine.ts';

/** How many digests a member reports in one round at most. */
export const pointsMax = 16;

/** Of how many members verdicts are kept at most. Numbers are never used again, so those of members long gone are the lowest. */
const verdictsMax = 1024;

/*
 * The digest of an entry covers all entries before it. So members that agree on one agree on all before, and those that differ go on to
 * differ; the first difference is found as in a search by halves, with 16 points to a round instead of one. All of it is driven by
 * reports in the log, so that every member comes to the same verdict, also one that differs.
 *
 *   compare-states ─► round 1: the digest as of that entry ─► all the same: closed
 *                                │ some differ
 *                                ▼
 *                     next round: points between what agreed last and the first that differs ─► … ─► the first entry that differs
 *
 * A member that does not answer holds a comparison up until the next one is to begin. A verdict stands until the member's digest is that
 * of the majority in a later comparison; until then it has no say in who is the majority. Where no majority agrees, nobody is said to be
 * wrong: a guess could stop the members that are right, and the group with them. That stands until a comparison shows something else.
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
  readonly disagreement: Divergence | null;
}

/** Compares the states of the members by their digests, and finds the first entry after which they differ. */
export class StateComparison {
  readonly #divergences: RecordTable<number, Divergence>;
  #current: Comparison | null = null;
  #lastRound = 0;
  #agreed = 0;
  #disagreement: Divergence | null = null;

  constructor(tracksChanges: boolean) {
    this.#divergences = new RecordTable<number, Divergence>('divergences', { write: writeDivergence, read: readDivergence }, tracksChanges);
  }

  get records(): StoredRecords {
    return this.#divergences;
  }

  get state(): ComparisonState {
    return { current: this.#current, lastRound: this.#lastRound, agreed: this.#agreed, disagreement: this.#disagreement };
  }

  load(space: StateSpace, { current, lastRound, agreed, disagreement }: ComparisonState): void {
    this.#divergences.load(space);
    this.#current = current;
    this.#lastRound = lastRound;
    this.#agreed = agreed;
    this.#disagreement = disagreement;
  }

  /** Members that were found to differ with no majority among them; null where a majority agrees. */
  get disagreement(): Divergence | null {
    return this.#disagreement;
  }

  divergence(member: number): Divergence | null {
    return this.#divergences.get(member) ?? null;
  }

  /** What a member has to report: the entries whose digests are asked for, and the round; null where nothing waits for it. */
  asks(member: number): { readonly round: number; readonly points: readonly number[] } | null {
    const current = this.#current;
    return current?.members.includes(member) && !current.reports.has(member) ? current : null;
  }

  /** One is under way that shows a difference, and waits for somebody. */
  get isHeldUp(): boolean {
    return this.#current !== null && isDifferent(this.#current);
  }

  /**
   * Begins a comparison as of the entry `index`. One that is under way and has shown a difference goes on instead, with those who
   * reported, if they can tell who is right: somebody who does not answer must not hide it. Returns whether a new one began.
   */
  begin(index: number, members: readonly number[]): boolean {
    if (this.#current !== null && this.#goesOnWithout(this.#current)) return false;
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
    if (this.#current.differs === null) this.#acquit(this.#current);
    if (this.#current.reports.size === this.#current.members.length) this.#conclude(this.#current);
  }

  /** Whether it shows a difference, and so comes to an end without those who do not answer. */
  #goesOnWithout(current: Comparison): boolean {
    // Who is the majority is known since the first round.
    if (current.differs === null && !(isDifferent(current) && this.#majority(current) !== null)) return false;
    const members = current.members.filter((member) => current.reports.has(member));
    // Without reports of both parties, nothing is to be known of where they parted.
    const parties = new Set(members.map((member) => current.standing.get(member)));
    if (current.differs !== null && parties.size < 2) {
      this.#current = null;
      this.#judge(current);
    } else this.#conclude({ ...current, members });
    return true;
  }

  /** Whoever reported what the majority did is one of them, whatever was said of it before. */
  #acquit(current: Comparison): void {
    const majority = this.#majority(current);
    if (majority === null) return;
    for (const [member, [digest]] of current.reports) if (digest === majority) this.#divergences.delete(member);
  }

  /** The digest that more than half of those reported in the first round who have a say in it; null as long as there is none. */
  #majority({ members, reports }: Comparison): number | null {
    const electorate = members.filter((member) => this.#divergences.get(member) === undefined);
    return majorityOf(electorate.map((member) => reports.get(member)?.[0] ?? unknownDigest));
  }

  /** All have reported. */
  #conclude(current: Comparison): void {
    this.#current = null;
    const [compared = 0] = current.points;
    if (current.differs === null && agreementAt(current, 0) !== 'differ') {
      if (agreementAt(current, 0) === 'agree') {
        this.#agreed = compared;
        this.#disagreement = null;
      }
      return;
    }
    const narrowed = current.differs === null ? firstRound(current, compared) : narrowDown(current);
    if (narrowed.points.length === 0) return this.#judge(narrowed);
    this.#current = { ...narrowed, round: ++this.#lastRound, reports: new Map() };
  }

  #judge({ differs, agreed, standing, round }: Comparison): void {
    const found = { index: differs ?? 0, agreedIndex: agreed, round };
    const members = minorityOf(standing, (member) => this.#divergences.get(member) === undefined);
    if (members === null) {
      // A later comparison that finds the same may no longer reach back to where it began.
      this.#disagreement ??= { ...found, members: [...standing.keys()].sort((a, b) => a - b) };
      return;
    }
    this.#disagreement = null;
    for (const member of members) this.#divergences.set(member, { ...found, members });
    while (this.#divergences.size > verdictsMax) this.#divergences.delete(lowestOf(this.#divergences));
  }
}

type Agreement = 'agree' | 'differ' | 'unknown';

function agreementAt({ reports }: Comparison, point: number): Agreement {
  const digests = new Set([...reports.values()].map((digestsOfMember) => digestsOfMember[point] ?? unknownDigest));
  const isComplete = !digests.delete(unknownDigest);
  if (digests.size > 1) return 'differ';
  return isComplete && digests.size === 1 ? 'agree' : 'unknown';
}

/** Whether some of those who reported are known to differ. */
function isDifferent(current: Comparison): boolean {
  return current.differs !== null || agreementAt(current, 0) === 'differ';
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

/** The digest of more than half of those who have a say; null where there is none. */
function majorityOf(digests: readonly number[]): number | null {
  const votes = new Map<number, number>();
  for (const digest of digests) if (digest !== unknownDigest) votes.set(digest, (votes.get(digest) ?? 0) + 1);
  return [...votes].find(([, count]) => count * 2 > digests.length)?.[0] ?? null;
}

/** Who is not with the majority of those who have a say; null where they have none. */
function minorityOf(standing: ReadonlyMap<number, number>, hasSay: (member: number) => boolean): readonly number[] | null {
  const known = [...standing].sort(([a], [b]) => a - b);
  const majority = majorityOf(known.filter(([member]) => hasSay(member)).map(([, digest]) => digest));
  if (majority === null) return null;
  return known.filter(([, digest]) => digest !== unknownDigest && digest !== majority).map(([member]) => member);
}

function lowestOf(records: RecordTable<number, Divergence>): number {
  return Math.min(...[...records.entries()].map(([member]) => member));
}

function writeDivergence({ index, agreedIndex, members, round }: Divergence): unknown {
  return [index, agreedIndex, members, round];
}

function readDivergence(_member: number, written: unknown): Divergence {
  const [index, agreedIndex, members, round] = written as readonly [number, number, readonly number[], number];
  return { index, agreedIndex, members, round };
}
