import fc from 'fast-check';
import { deadline, type MemberId } from '../../src/index.ts';
import type { Cluster, Member } from '../cluster/cluster.ts';

/** What may happen next, and how often it does compared with the others. */
const weights = {
  /** Less than a heartbeat interval passes, and nobody wakes. */
  wait: 4,
  /** The member whose deadline comes first wakes. */
  'time-passes': 7,
  /** Any member's deadline has passed: clocks run at different speeds. */
  tick: 4,
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
  propose: 9,
  read: 6,
  /** Everything that is in flight to or from a member is lost. */
  isolate: 2,
  /** For a while everything works. */
  settle: 8,
  /** For a while everything works but one disk. */
  'settle-stalled': 6,
  /** For a while everything works but one member's network: what it sends and should receive waits. */
  'settle-apart': 6,
  /** One who believes to lead is apart and takes a command, another member calls an election, and gets a command through if it wins. */
  usurp: 3,
  /** A leader sends some part of its log again. It may at any time, whatever this core's leaders are used to send. */
  'send-any-range': 5,
} as const;

export interface Action {
  readonly kind: keyof typeof weights;
  /** Chooses the member, modulo their number. */
  readonly member: number;
  /** Chooses among what there is to choose from, modulo its number. */
  readonly pick: number;
}

const kinds = Object.keys(weights) as (keyof typeof weights)[];

/** Without bias towards short runs: what is interesting takes several leaders. */
export const schedule = (lengthMax: number): fc.Arbitrary<Action[]> =>
  fc.noBias(
    fc.array(
      fc.oneof(
        ...kinds.map((kind) => ({
          weight: weights[kind],
          arbitrary: fc.record({ kind: fc.constant(kind), member: fc.nat(59), pick: fc.nat(999) }),
        })),
      ),
      { minLength: 1, maxLength: lengthMax, size: 'max' },
    ),
  );

/** Does what `action` says, as far as it is possible just now. `id` is one that no proposal or read had before. */
export function perform(cluster: Cluster, { kind, member, pick }: Action, id: number): void {
  const { inFlight } = cluster.network;
  const at = (member % cluster.members.size) + 1;
  const up = cluster.member(at).state !== null;
  // Every other client asks somebody who believes to lead, if there is anybody.
  const leaders = [...cluster.members.values()].filter(({ state }) => state?.role.kind === 'leader');
  const asked = pick % 2 === 0 && leaders.length > 0 ? leaders[member % leaders.length]?.id : up ? at : undefined;
  const chosen = inFlight[pick % Math.max(1, inFlight.length)];
  switch (kind) {
    case 'wait':
      cluster.now += pick % 100;
      break;
    case 'time-passes':
      passTime(cluster);
      break;
    case 'tick':
      if (up) cluster.tick(at);
      break;
    case 'deliver-oldest':
      if (inFlight[0] !== undefined) cluster.deliver(inFlight[0]);
      break;
    case 'deliver-any':
      if (chosen !== undefined) cluster.deliver(chosen);
      break;
    case 'drop':
      if (chosen !== undefined) cluster.drop(chosen);
      break;
    case 'duplicate':
      if (chosen !== undefined) cluster.network.duplicate(chosen);
      break;
    case 'persist':
      if (up && cluster.write(at, pick % 3 === 0 ? Number.POSITIVE_INFINITY : 1)) cluster.acknowledgeWrite(at);
      break;
    case 'write':
      if (up) cluster.write(at);
      break;
    case 'acknowledge':
      cluster.acknowledgeWrite(at);
      break;
    case 'crash':
      if (up) cluster.crash(at, pick % (cluster.member(at).disk.queue.length + 1));
      break;
    case 'restart':
      if (!up) cluster.start(at);
      break;
    case 'propose': {
      const payloads = Array.from({ length: 1 + (pick % 3) }, (_, i) => new Uint8Array([id, i]));
      if (asked !== undefined) cluster.input(asked, { kind: 'proposed', id, payloads });
      break;
    }
    case 'read':
      if (asked !== undefined) cluster.input(asked, { kind: 'read-requested', id });
      break;
    case 'isolate':
      for (const envelope of inFlight.filter(({ from, to }) => from === at || to === at)) cluster.drop(envelope);
      break;
    case 'settle':
      settle(cluster, pick % 60);
      break;
    case 'settle-stalled':
      settle(cluster, pick % 60, { stalled: at });
      break;
    case 'settle-apart':
      settle(cluster, pick % 60, { apart: at });
      break;
    case 'usurp':
      if (up && leaders[0] !== undefined && leaders[0].id !== at) usurp(cluster, leaders[0].id, at, id);
      break;
    case 'send-any-range': {
      const latest = leaders.toSorted((a, b) => (b.state?.term ?? 0) - (a.state?.term ?? 0))[0];
      if (latest !== undefined && latest.id !== at) sendAnyRange(cluster, latest, at, pick);
      break;
    }
  }
}

function usurp(cluster: Cluster, apart: MemberId, usurper: MemberId, id: number): void {
  cluster.input(apart, { kind: 'proposed', id: -id, payloads: [new Uint8Array([id])] });
  cluster.tick(usurper);
  settle(cluster, 40, { apart });
  cluster.input(usurper, { kind: 'proposed', id, payloads: [new Uint8Array([id])] });
  settle(cluster, 40, { apart });
}

function sendAnyRange({ network }: Cluster, { id, state, log }: Member, to: MemberId, pick: number): void {
  if (state === null) return;
  const prevIndex = pick % (log.lastIndex + 1);
  const entries = log.range(prevIndex, prevIndex + (pick % 3));
  const prevTerm = log.at(prevIndex)?.term ?? 0;
  network.send({ from: id, to, message: { kind: 'append', term: state.term, prevIndex, prevTerm, commit: state.commitIndex, entries } });
}

/** Wakes the running member whose deadline comes first. */
export function passTime(cluster: Cluster): void {
  let next: { readonly id: MemberId; readonly at: number } | null = null;
  for (const { id, state } of cluster.members.values()) {
    if (state !== null && (next === null || deadline(state) < next.at)) next = { id, at: deadline(state) };
  }
  if (next !== null) cluster.tick(next.id);
}

/** Delivers in order and writes at once, `stepsMax` times at most. Returns how many steps there were to take. */
export function settle(cluster: Cluster, stepsMax: number, { stalled = 0, apart = 0 } = {}): number {
  for (let steps = 0; steps < stepsMax; steps++) {
    const writer = [...cluster.members.values()].find((member) => member.id !== stalled && hasWrite(member));
    if (writer !== undefined) {
      cluster.write(writer.id);
      cluster.acknowledgeWrite(writer.id);
      continue;
    }
    const oldest = cluster.network.inFlight.find(({ from, to }) => from !== apart && to !== apart);
    if (oldest === undefined) return steps;
    cluster.deliver(oldest);
  }
  return stepsMax;
}

function hasWrite({ state, disk, finishedWrite }: Member): boolean {
  return state !== null && (disk.queue.length > 0 || finishedWrite !== null);
}
