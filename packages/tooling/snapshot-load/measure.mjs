// Says what a snapshot of a large state costs those who write meanwhile, and the members that take, send and install it.
//
//   npm run measure:snapshot [-- --gigabytes 1 --rate 1000 --baseline 30]         (build first; nothing else should run meanwhile)
//
// Three real members are filled over HTTP. Then there are steady small writes, at all three in turn: for a while without a snapshot,
// while the leader takes one, while a follower does, and while a new member joins, which is sent the leader's.
//
// The base of a member's memory is what it has without a snapshot, and that of the new one what a member has that just began. A machine
// that is too busy elects leaders again, which is said, and writes fail: then the latencies say nothing about snapshots.
//
// Fails where a member needs more than 250 MB of anonymous memory above what it needs anyway.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { closeConnections, takeSnapshot } from '../member-processes/kv-calls.mjs';
import { MemberProcesses, until } from '../member-processes/member-processes.mjs';
import { MemoryWatch } from '../member-processes/memory-watch.mjs';
import { latenciesOf, latencyText, SteadyLoad } from '../member-processes/steady-load.mjs';
import { fill } from './fill.mjs';

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '1000' },
    baseline: { type: 'string', default: '30' },
  },
});
const [gigabytes, rate, baselineSeconds] = [values.gigabytes, values.rate, values.baseline].map(Number);
const aboveBaseMaxMib = 250e6 / 2 ** 20;
const catchUpTimeoutMs = 300_000;
const pauseMs = 3_000;

// No snapshots but those that are asked for, so that every run does the same.
const settings = { snapshot: { bytes: Number.MAX_SAFE_INTEGER }, journal: { bytesMax: 64 * 2 ** 20 } };

const members = await MemberProcesses.create(3, () => ({}), settings);
const memory = new MemoryWatch();
let excess = 0;
try {
  await measure();
} finally {
  memory.stop();
  await members.destroy();
  closeConnections();
}
process.exitCode = excess > aboveBaseMaxMib ? 1 : 0;

async function measure() {
  for (const id of [1, 2, 3]) members.start(id);
  const first = await members.leader();
  for (const id of [1, 2, 3]) memory.add(id, members.pid(id));
  const idleMib = memory.peakMib(first);

  let since = performance.now();
  const keys = await fill(port(first), gigabytes * 2 ** 30);
  say(`filled with ${keys} keys, ${(gigabytes * 1024).toFixed(0)} MiB, in ${seconds(since)}`);
  const leader = await members.leader();
  const follower = (leader % 3) + 1;
  since = performance.now();
  // The first one also removes what the log has of all that.
  for (const id of [1, 2, 3]) await takeSnapshot(port(id));
  say(`each member has stored that once, one after the other, in ${seconds(since)}; ${sizes(leader)}`);

  const load = new SteadyLoad([1, 2, 3].map(port), rate);
  load.start();
  await delay(pauseMs);
  const base = await phase(load, `${rate} writes/s without a snapshot`, [leader, follower], () => delay(baselineSeconds * 1000));

  await delay(pauseMs);
  await phase(load, `while the leader (member ${leader}) takes a snapshot`, [leader], () => snapshotOf(leader), base);
  await delay(pauseMs);
  await phase(load, `while a follower (member ${follower}) takes a snapshot`, [follower], () => snapshotOf(follower), base);
  await delay(pauseMs);
  const joining = await members.addJoining();
  const sender = await members.leader();
  base.mib.set(joining, idleMib);
  base.mib.set(sender, base.mib.get(sender) ?? base.mib.get(leader));
  await phase(load, `while member ${joining} joins`, [sender, joining], () => joinLate(joining, sender), base);
  await load.stop();
  say(
    `memory ever used with mapped files (VmHWM): ${[1, 2, 3, joining].map((id) => `member ${id} ${memory.peakWithFilesMib(id).toFixed(0)} MiB`).join(', ')}`,
  );
}

/** Prints what the writes took that became due while `work` was done, and the memory of those who do it. */
async function phase(load, name, watched, work, base = null) {
  memory.begin();
  const before = await termOf();
  const writes = load.begin();
  const since = performance.now();
  const detail = await work();
  const took = seconds(since);
  load.begin();
  // Those that are still under way belong to it.
  await delay(500);
  const latencies = latenciesOf(writes);
  const elections = (await termOf()) - before;
  const ratio = base && ` = ${(latencies.p99 / base.p99).toFixed(1)} times that without`;
  say(
    `${name}: ${took}${detail ? `, ${detail}` : ''}\n    writes: ${latencyText(latencies)}${ratio ? `; p99${ratio}` : ''}${elections > 0 ? `; THE LEADER CHANGED` : ''}`,
  );
  const mib = new Map(watched.map((id) => [id, memory.peakMib(id)]));
  for (const [id, peak] of mib) {
    const above = base === null ? 0 : peak - base.mib.get(id);
    excess = Math.max(excess, above);
    say(
      `    anonymous memory of member ${id} at most ${peak.toFixed(0)} MiB${base === null ? '' : `, ${above.toFixed(0)} MiB above its base`}`,
    );
  }
  return { p99: latencies.p99, mib };
}

/** Terms are counted: a higher one says that somebody took the leader for lost. */
async function termOf() {
  const statuses = await Promise.all([1, 2, 3].map((id) => members.status(id)));
  return Math.max(0, ...statuses.map((status) => status?.term ?? 0));
}

async function snapshotOf(id) {
  const { size } = await takeSnapshot(port(id));
  return `${mib(size)} MiB`;
}

async function joinLate(id, sender) {
  const { commitIndex } = await members.status(sender);
  const since = performance.now();
  members.start(id);
  memory.add(id, members.pid(id));
  const directory = join(members.path(id), 'snapshots', 'group-1');
  const stored = () => existsSync(directory) && readdirSync(directory).some((name) => name.endsWith('.json'));
  await until('the snapshot has arrived', async () => stored(), catchUpTimeoutMs);
  const arrived = seconds(since);
  await until('the new member has caught up', async () => ((await members.status(id))?.appliedIndex ?? 0) >= commitIndex, catchUpTimeoutMs);
  return `the snapshot was there after ${arrived}, and installed after ${seconds(since)}; ${sizes(id)}`;
}

function sizes(id) {
  const directory = members.path(id);
  const snapshots = join(directory, 'snapshots', 'group-1');
  const stored = readdirSync(snapshots).reduce((sum, name) => sum + statSync(join(snapshots, name)).size, 0);
  const file = (name) => `${name} ${mib(statSync(join(directory, name)).size)} MiB`;
  return `member ${id}: ${file('log.mdb')}, ${file('state.mdb')}, snapshots ${mib(stored)} MiB`;
}

function port(id) {
  return members.clientPorts[id - 1];
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(0);
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
