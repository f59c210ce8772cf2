import {
  defaultRaftConfig,
  describeLog,
  describeMembership,
  type MemberId,
  type MembershipChange,
  type NewMember,
} from '../../src/index.ts';
import { EntryLog } from '../cluster/entry-log.ts';
import { formatEntries, parseEntries, parseFields, parseMessage, parsePayload, parsePosition } from './message-text.ts';
import { formatEnvelope, formatWrite } from './narrate.ts';
import { selectMessages } from './select-messages.ts';
import type { Stage } from './stage.ts';

type Command = (stage: Stage, words: readonly string[]) => void;

/** The language of the scenario files. `[x]` may be left out; messages are picked as `selectMessages` says. */
export const commands: Readonly<Record<string, Command>> = {
  /**
   * `members 3 [inflightEntriesMax=2 …] [witnesses=3] [joiners=4,5] [priorities=0,10,0]`: a new group, with that
   * configuration, and members that are up and wait to be added.
   */
  members: (stage, [size, ...fields]) => {
    const said = parseFields(fields);
    const ids = (name: string) => (said.get(name) ?? '').split(',').filter(Boolean).map(Number);
    const priorities = (said.get('priorities') ?? '').split(',').filter(Boolean).map(Number);
    const config = [...said].filter(([name]) => name in defaultRaftConfig).map(([name, value]) => [name, Number(value)]);
    stage.setUp(Number(size), Object.fromEntries(config), {
      witnesses: ids('witnesses'),
      joiners: ids('joiners'),
      priorities: new Map(priorities.map((priority, i) => [i + 1, priority])),
    });
  },
  /** `disk-of 2 term=3 [vote=1] [snapshot=2@1] log=1@1,2-4@1:x`: a member begins anew from such a disk. */
  'disk-of': (stage, [id, ...words]) => {
    const fields = parseFields(words);
    const { index, term } = parsePosition(fields.get('snapshot') ?? '0@0');
    const { disk } = stage.cluster.member(Number(id));
    stage.cluster.crash(Number(id));
    const vote = fields.get('vote');
    disk.hardState = { term: Number(fields.get('term')), vote: vote === undefined ? null : Number(vote) };
    disk.log = new EntryLog({ ...disk.log.base, index, term }, parseEntries(fields.get('log') ?? ''));
    stage.lines = [];
    stage.cluster.start(Number(id));
  },
  /**
   * `elect 1`: a member's election timeout passes, and so long a time that nobody else has heard a leader lately; then
   * everything settles.
   */
  elect: (stage, [id]) => {
    stage.cluster.now += stage.cluster.config.electionTimeoutMs;
    stage.cluster.tick(Number(id));
    stage.stabilize();
  },
  /** `call 1`: as long a time passes, everybody's answer to the member's pre-vote reaches it, and it calls its election. */
  call: (stage, [id]) => {
    stage.cluster.now += stage.cluster.config.electionTimeoutMs;
    stage.cluster.tick(Number(id));
    each(stage, ['pre-vote', `${id}->*`], (envelope) => stage.deliver(envelope));
    each(stage, ['pre-vote-reply', `*->${id}`], (envelope) => stage.deliver(envelope));
  },
  /** `tick 1`: the clock moves to a member's deadline (election timeout or heartbeat), and it wakes. */
  tick: (stage, ids) => {
    for (const id of ids) stage.cluster.tick(Number(id));
  },
  /** `beats 1 3`: a leader's heartbeat is due so many times, and everything settles each time; nothing is shown. */
  beats: (stage, [id, count]) => {
    for (let i = 0; i < Number(count); i++) {
      stage.cluster.tick(Number(id));
      stage.stabilize();
    }
    stage.lines = [];
  },
  /** `wait 30`: so many milliseconds pass, and nobody wakes. */
  wait: (stage, [ms]) => {
    stage.cluster.now += Number(ms);
  },
  /** `propose 1 a b`: one proposal with two commands. */
  propose: (stage, [id, ...payloads]) =>
    stage.cluster.input(Number(id), { kind: 'proposed', id: stage.nextId(), payloads: payloads.map(parsePayload) }),
  /** `read 1 [lease]`: one read, in a turn of its own. */
  read: (stage, [id, lease]) => {
    stage.cluster.input(Number(id), { kind: 'read-requested', id: stage.nextId(), lease: lease === 'lease' });
    stage.cluster.endTurn(Number(id));
  },
  /** `reads 1 3`: so many reads in one turn. */
  reads: (stage, [id, count]) => {
    for (let i = 0; i < Number(count); i++) {
      stage.cluster.input(Number(id), { kind: 'read-requested', id: stage.nextId(), lease: false });
    }
    stage.cluster.endTurn(Number(id));
  },
  /** `change 1 add=4,learner:5,witness:6 remove=2 promote=3`: asks for another membership. */
  change: (stage, [id, ...words]) =>
    stage.cluster.input(Number(id), { kind: 'membership-requested', id: stage.nextId(), change: parseChange(words) }),
  /** `transfer 1 2`: asks 1 to hand its leadership over to 2. */
  transfer: (stage, [id, target]) =>
    stage.cluster.input(Number(id), { kind: 'transfer-requested', id: stage.nextId(), target: Number(target) }),
  /** `snapshot 1`: its machine's state is stored. */
  snapshot: (stage, [id]) => stage.cluster.takeSnapshot(Number(id)),
  /** `unreadable 1 3 snapshot-4-of-1`: the store of 1 does not have the snapshot any more of which it should send 3 a part. */
  unreadable: (stage, [id, to, snapshotId = '']) =>
    stage.cluster.input(Number(id), { kind: 'snapshot-unreadable', to: Number(to), snapshotId }),
  /** `slow 3`: it stores and restores snapshots only when `finish 3` says so. */
  slow: (stage, [id]) => void stage.cluster.slowSnapshots.add(Number(id)),
  finish: (stage, [id]) => {
    while (stage.cluster.doSnapshotWork(Number(id), !stage.cluster.damaging.has(Number(id)))) {}
  },
  /** `damage 3`: it finds every snapshot damaged, until `repair 3`. */
  damage: (stage, [id]) => void stage.cluster.damaging.add(Number(id)),
  repair: (stage, [id]) => void stage.cluster.damaging.delete(Number(id)),
  /** `lose-host 1 2`: the transport of 1 reports that 2 cannot be reached. `find-host` the contrary. */
  'lose-host': (stage, [id, peer]) =>
    stage.cluster.input(Number(id), { kind: 'reachability-changed', peer: Number(peer), reachable: false }),
  'find-host': (stage, [id, peer]) =>
    stage.cluster.input(Number(id), { kind: 'reachability-changed', peer: Number(peer), reachable: true }),
  membership: (stage, ids) => {
    for (const id of ids) stage.lines.push(`${id}: ${describeMembership(stage.cluster.stateOf(Number(id)).membership)}`);
  },
  /** `deliver [which]`: what is in flight now; not what that gives rise to. */
  deliver: (stage, words) => each(stage, words, (envelope) => stage.deliver(envelope)),
  drop: (stage, words) => each(stage, words, (envelope) => stage.cluster.drop(envelope)),
  duplicate: (stage, words) =>
    each(stage, words, (envelope) => {
      stage.cluster.network.duplicate(envelope);
      stage.lines.push(`${formatEnvelope(envelope)} (twice)`);
    }),
  /** `hold 1->2`: those messages stay in flight while others settle. `release` ends all that. */
  hold: (stage, words) => {
    stage.holds.push([...words]);
  },
  release: (stage) => {
    stage.holds = [];
  },
  /** `cut 1`: everything to and from a member is lost, until `heal`. */
  cut: (stage, ids) => {
    for (const id of ids) stage.cut.add(Number(id));
  },
  heal: (stage) => stage.cut.clear(),
  /** `inject 3 from=2 request-vote term=0 last=0@0`: a message that nobody sent. */
  inject: (stage, [to, from, kind, ...fields]) => {
    const message = parseMessage(kind ?? '', fields);
    stage.cluster.network.send({ from: Number(from?.replace('from=', '')), to: Number(to), message });
    each(stage, ['last', '1'], (envelope) => stage.deliver(envelope));
  },
  /** `persist 2 [1]`: a disk completes that many writes, or all that wait now. */
  persist: (stage, [id, count]) => {
    const waiting = stage.cluster.member(Number(id)).disk.queue.length;
    for (let i = 0; i < Math.min(waiting, Number(count ?? waiting)); i++) stage.persist(Number(id));
  },
  /** `write 2`: like `persist 2 1`, but the core is told only by `acknowledge 2`. */
  write: (stage, [id]) => void stage.cluster.write(Number(id)),
  acknowledge: (stage, [id]) => void stage.cluster.acknowledgeWrite(Number(id)),
  /** `stall 2`: its disk does nothing by itself any more. `resume 2` ends that. */
  stall: (stage, ids) => {
    for (const id of ids) stage.stalled.add(Number(id));
  },
  resume: (stage, ids) => {
    for (const id of ids) stage.stalled.delete(Number(id));
  },
  /** `crash 2 [1]`: the writes under way are lost, but for that many of the oldest. */
  crash: (stage, [id, kept]) => stage.cluster.crash(Number(id), Number(kept ?? 0)),
  /** `forget 2 after=3 [vote]`: the disk of a member that is down loses the entries behind, and its vote, and knows that it did. */
  forget: (stage, [id, after = '', vote]) => stage.cluster.forget(Number(id), Number(after.replace('after=', '')), vote === 'vote'),
  /** `fill 2`: there is no room on its disk for anything new, until `free 2`. */
  fill: (stage, [id]) => stage.cluster.input(Number(id), { kind: 'room-changed', exhausted: true }),
  free: (stage, [id]) => stage.cluster.input(Number(id), { kind: 'room-changed', exhausted: false }),
  restart: (stage, ids) => {
    for (const id of ids) stage.cluster.start(Number(id));
  },
  stabilize: (stage) => stage.stabilize(),
  status: (stage, ids) => stage.status(ids.length === 0 ? undefined : ids.map(Number)),
  log: (stage, ids) => {
    for (const id of ids) stage.lines.push(`${id}: ${formatEntries(stage.cluster.member(Number(id)).log.entries) || 'empty'}`);
  },
  disk: (stage, ids) => {
    for (const id of ids) printDisk(stage, Number(id));
  },
  network: (stage, words) => each(stage, words, (envelope) => void stage.lines.push(formatEnvelope(envelope))),
  counts: (stage, words) => stage.printCounts(words),
  /** What a leader knows of its followers. */
  progress: (stage, [id]) => {
    const { role } = stage.cluster.stateOf(Number(id));
    if (role.kind !== 'leader') return void stage.lines.push('does not lead');
    for (const [peer, { mode, matchIndex, nextIndex }] of role.progress) {
      stage.lines.push(`${peer}: ${mode} match=${matchIndex} next=${nextIndex}`);
    }
  },
  /** How many bytes a leader puts into one append for each of its followers. */
  batches: (stage, [id]) => {
    const { role } = stage.cluster.stateOf(Number(id));
    if (role.kind !== 'leader') return void stage.lines.push('does not lead');
    for (const [peer, { batchBytes }] of role.progress) stage.lines.push(`${peer}: ${batchBytes}`);
  },
};

function each(stage: Stage, words: readonly string[], act: (envelope: Stage['cluster']['network']['inFlight'][number]) => void): void {
  for (const envelope of selectMessages(stage.cluster.network.inFlight, words)) act(envelope);
}

function printDisk(stage: Stage, id: MemberId): void {
  const { hardState, log, queue } = stage.cluster.member(id).disk;
  stage.lines.push(`${id}: term=${hardState.term} vote=${hardState.vote ?? 'none'} log ${describeLog(log.shape())}`);
  for (const write of queue) stage.lines.push(`  waits: ${formatWrite(write)}`);
}

function parseChange(words: readonly string[]): MembershipChange {
  const fields = parseFields(words);
  const list = (name: string) => (fields.get(name) ?? '').split(',').filter(Boolean);
  return { add: list('add').map(parseNewMember), remove: list('remove').map(Number), promote: list('promote').map(Number) };
}

/** `4`, `learner:5`, `witness:6`. */
function parseNewMember(text: string): NewMember {
  const [id = '', role = 'voter'] = text.split(':').reverse();
  return { id: Number(id), peerAddress: `peer-${id}`, clientAddress: `client-${id}`, role: role as NewMember['role'] };
}
