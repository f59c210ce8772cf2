import { defaultRaftConfig, describeState, type MemberId, type RaftConfig } from '../../src/index.ts';
import { Cluster, type ClusterOptions, type Occurrence } from '../cluster/cluster.ts';
import type { Envelope } from '../cluster/network.ts';
import { narrate } from './narrate.ts';
import { selectMessages } from './select-messages.ts';

const stabilizeStepsMax = 1000;

/** A cluster on which a scenario is played, and the transcript of what happens on it. */
export class Stage {
  cluster = new Cluster(0, defaultRaftConfig, () => undefined);
  lines: string[] = [];
  /** Disks that do nothing unless a `persist` names them. */
  readonly stalled = new Set<MemberId>();
  /** Links, as words of `selectMessages`, whose messages wait until the end of `hold`. */
  holds: string[][] = [];
  /** Members that no message reaches or leaves. */
  readonly cut = new Set<MemberId>();
  readonly #counts = new Map<string, number>();
  #nextId = 1;

  setUp(size: number, config: Partial<RaftConfig>, options: ClusterOptions = {}): void {
    this.stalled.clear();
    this.cut.clear();
    this.holds = [];
    this.#counts.clear();
    this.#nextId = 1;
    this.cluster = new Cluster(size, { ...defaultRaftConfig, ...config }, (occurrence) => this.#observe(occurrence), options);
    this.lines = [];
  }

  nextId(): number {
    return this.#nextId++;
  }

  deliver(envelope: Envelope): void {
    const reachable = !this.cut.has(envelope.from) && !this.cut.has(envelope.to);
    if (!reachable) return this.cluster.drop(envelope);
    this.cluster.deliver(envelope);
    this.cluster.endTurn(envelope.to);
  }

  persist(id: MemberId): boolean {
    const did = this.cluster.write(id);
    if (did) this.cluster.acknowledgeWrite(id);
    return did;
  }

  /** Delivers and writes until nothing is left to do, but for what is held or stalled. No time passes. */
  stabilize(): void {
    for (let steps = 0; steps < stabilizeStepsMax; steps++) {
      const envelope = this.#nextMessage();
      if (envelope !== undefined) this.deliver(envelope);
      else if (![...this.cluster.members.keys()].some((id) => !this.stalled.has(id) && this.persist(id))) return;
    }
    throw new Error(`nothing settled within ${stabilizeStepsMax} steps`);
  }

  status(ids: readonly MemberId[] = [...this.cluster.members.keys()]): void {
    for (const id of ids) {
      const { state } = this.cluster.member(id);
      this.lines.push(`${id}: ${state === null ? 'down' : `${describeState(state)} apply=${state.applyIndex}`}`);
    }
  }

  /** Prints how many messages of each kind were sent on each link since the last time, and starts anew. */
  printCounts(words: readonly string[]): void {
    for (const [key, count] of [...this.#counts].sort(([a], [b]) => a.localeCompare(b))) {
      if (words.every((word) => key.split(' ').includes(word))) this.lines.push(`${key}: ${count}`);
    }
    this.#counts.clear();
  }

  #nextMessage(): Envelope | undefined {
    const { inFlight } = this.cluster.network;
    const held = new Set(this.holds.flatMap((words) => selectMessages(inFlight, words)));
    return inFlight.find((envelope) => !held.has(envelope));
  }

  #observe(occurrence: Occurrence): void {
    if (occurrence.kind === 'sent') {
      const { from, to, message } = occurrence.envelope;
      const key = `${from}->${to} ${message.kind}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
    this.lines.push(...narrate(occurrence));
  }
}
