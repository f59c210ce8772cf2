import type { MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Member, runs } from '../cluster/member.ts';
import type { Envelope } from '../cluster/network.ts';
import { withoutPayload } from '../cluster/payloads.ts';
import type { Action } from './actions.ts';
import { changeMembership } from './change-membership.ts';
import { forget, isAnyRecovering, mayForget } from './losses.ts';
import { passTime, runFor, settle } from './settle.ts';

/** Does what `action` says, as far as it is possible just now. `id` is one that no request had before. */
export function perform(cluster: Cluster, { kind, member, pick }: Action, id: number): void {
  const { inFlight } = cluster.network;
  const at = (member % cluster.members.size) + 1;
  const chosenMember = cluster.member(at);
  const up = runs(chosenMember);
  // Every other client asks somebody who believes to lead, if there is anybody.
  const leaders = [...cluster.members.values()].filter((each) => runs(each) && each.state?.role.kind === 'leader');
  const leader = leaders[member % Math.max(1, leaders.length)]?.id;
  const asked = pick % 2 === 0 && leader !== undefined ? leader : up ? at : undefined;
  // Whoever is paused takes nothing in; what is sent to who is down is lost.
  const arriving = inFlight.filter(({ to }) => cluster.member(to).pausedAt === null);
  const chosen = arriving[pick % Math.max(1, arriving.length)];
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
    case 'end-turn':
      if (up) cluster.endTurn(at);
      break;
    case 'deliver-oldest':
      if (arriving[0] !== undefined) cluster.deliver(arriving[0]);
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
      if (up) cluster.acknowledgeWrite(at);
      break;
    case 'crash':
      if (chosenMember.state !== null) cluster.crash(at, pick % (chosenMember.disk.queue.length + 1));
      break;
    case 'restart':
      if (chosenMember.state === null) restart(cluster, at);
      break;
    case 'forget':
      if (mayForget(cluster, chosenMember)) forget(cluster, chosenMember, pick);
      break;
    case 'fill-disk':
    case 'free-disk':
      if (up) cluster.input(at, { kind: 'room-changed', exhausted: kind === 'fill-disk' });
      break;
    case 'pause':
      if (up) cluster.pause((pick % 2 === 0 ? leader : undefined) ?? at);
      break;
    case 'resume':
      resume(cluster, pick, id);
      break;
    case 'propose':
      if (asked !== undefined) cluster.input(asked, { kind: 'proposed', id, payloads: commands(id, 1 + (pick % 3)) });
      break;
    case 'read':
      if (asked !== undefined) cluster.input(asked, { kind: 'read-requested', id, lease: false });
      break;
    case 'read-by-lease':
      if (asked !== undefined) cluster.input(asked, { kind: 'read-requested', id, lease: true });
      break;
    case 'change-membership':
      // Who has lost something needs the others as they are: were they fewer, nobody might be able to lead.
      if (asked !== undefined && !isAnyRecovering(cluster)) changeMembership(cluster, asked, pick, id);
      break;
    case 'transfer':
      if (asked !== undefined) cluster.input(asked, { kind: 'transfer-requested', id, target: (pick % cluster.members.size) + 1 });
      break;
    case 'take-snapshot':
      if (up) cluster.takeSnapshot(at);
      break;
    case 'snapshot-work':
      if (up) cluster.doSnapshotWork(at, pick % 5 !== 0);
      break;
    case 'lose-host':
    case 'find-host': {
      const peer = (pick % cluster.members.size) + 1;
      if (up && peer !== at) cluster.input(at, { kind: 'reachability-changed', peer, reachable: kind === 'find-host' });
      break;
    }
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
    case 'run':
      runFor(cluster, pick);
      break;
    case 'run-apart':
      runFor(cluster, 2 * pick, { apart: (pick % 3 === 0 ? leader : undefined) ?? at });
      break;
    case 'usurp':
      if (up && leader !== undefined && leader !== at) usurp(cluster, leader, at, id);
      break;
    case 'answer-late':
      if (up && leader !== undefined && leader !== at) answerLate(cluster, leader, pick % cluster.config.electionTimeoutMs);
      if (up && leader !== undefined && leader !== at) usurp(cluster, leader, at, id);
      break;
    case 'send-any-range': {
      const latest = leaders.toSorted((a, b) => (b.state?.term ?? 0) - (a.state?.term ?? 0))[0];
      if (latest !== undefined && latest.id !== at) sendAnyRange(cluster, latest, at, pick);
      break;
    }
  }
}

function commands(id: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new Uint8Array([id, id >> 8, i]));
}

/** Half of the time with a read that came just now, in a turn whose time was looked up before the pause. */
function resume(cluster: Cluster, pick: number, id: number): void {
  const paused = [...cluster.members.values()].filter(({ pausedAt }) => pausedAt !== null);
  const member = paused[pick % Math.max(1, paused.length)];
  if (member === undefined || member.pausedAt === null) return;
  if (pick % 2 === 0) cluster.input(member.id, { kind: 'read-requested', id, lease: true }, member.pausedAt);
  cluster.resume(member.id);
  for (const { id: peer } of cluster.members.values()) if (peer !== member.id) noticeRestart(cluster, member.id, peer);
}

/** Connections break when a process ends: the others notice at the latest when it is back. */
export function restart(cluster: Cluster, id: MemberId): void {
  cluster.start(id);
  for (const other of cluster.members.values()) if (other.id !== id && runs(other)) noticeRestart(cluster, other.id, id);
}

function noticeRestart(cluster: Cluster, id: MemberId, peer: MemberId): void {
  cluster.input(id, { kind: 'reachability-changed', peer, reachable: false });
  cluster.input(id, { kind: 'reachability-changed', peer, reachable: true });
}

function usurp(cluster: Cluster, apart: MemberId, usurper: MemberId, id: number): void {
  cluster.input(apart, { kind: 'proposed', id: -id, payloads: commands(id, 1) });
  cluster.tick(usurper);
  settle(cluster, 60, { apart });
  if (cluster.member(usurper).state?.role.kind === 'leader') cluster.input(usurper, { kind: 'proposed', id, payloads: commands(id, 1) });
  settle(cluster, 40, { apart });
  cluster.input(apart, { kind: 'read-requested', id: -id, lease: true });
}

/** The leader's heartbeats arrive, and the answers to them after `ms` in which nothing else reaches or leaves it. */
function answerLate(cluster: Cluster, leader: MemberId, ms: number): void {
  cluster.tick(leader);
  const { network } = cluster;
  const arrives = ({ to }: Envelope) => cluster.member(to).pausedAt === null;
  for (const envelope of network.inFlight.filter((each) => each.from === leader && arrives(each))) cluster.deliver(envelope);
  const answers = network.inFlight.filter(({ to }) => to === leader);
  runFor(cluster, ms, { apart: leader });
  for (const envelope of answers) cluster.deliver(envelope);
}

function sendAnyRange(cluster: Cluster, { id, state, log }: Member, to: MemberId, pick: number): void {
  if (state?.role.kind !== 'leader' || !state.role.progress.has(to)) return;
  const { snapshot, term } = state;
  if (snapshot !== null && pick % 3 === 0 && !cluster.member(to).state?.witness) {
    const bytes = new Uint8Array(snapshot.size);
    return cluster.network.send({ from: id, to, message: { kind: 'snapshot-chunk', term, snapshot, offset: 0, bytes, checksum: 0 } });
  }
  const { index: begin, term: baseTerm } = log.base;
  const prevIndex = begin + (pick % (log.lastIndex - begin + 1));
  const range = log.range(prevIndex, prevIndex + (pick % 3));
  const entries = cluster.stateOf(id).membership.members.some((member) => member.id === to && member.witness)
    ? range.map(withoutPayload)
    : range;
  const prevTerm = log.at(prevIndex)?.term ?? baseTerm;
  cluster.network.send({
    from: id,
    to,
    message: { kind: 'append', term: state.term, prevIndex, prevTerm, commit: state.commitIndex, entries },
  });
}
