// Says how large the files of three real members get under steady writes, with snapshots all the time.
//
//   npm run measure:log-growth [-- --minutes 10 --rate 500]         (build first)
//
// Fails where a log.mdb went on growing in the second half, or snapshots were not taken all the time.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { closeConnections } from '../member-processes/kv-calls.mjs';
import { MemberProcesses } from '../member-processes/member-processes.mjs';
import { latenciesOf, latencyText, SteadyLoad } from '../member-processes/steady-load.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '500' } } });
const [minutes, rate] = [values.minutes, values.rate].map(Number);
const ids = [1, 2, 3];
const samples = 30;
const intervalMs = (minutes * 60_000) / samples;
/** Each time that a thirtieth of all entries was written, so that the second half sees many snapshots. */
const entries = Math.max(100, Math.floor((minutes * 60 * rate) / 30));
const valueBytes = 1024;
/** By which share of what is written a file may still grow: LMDB takes room in steps, and how much of the log is kept goes up and down. */
const growthShareMax = 0.05;
const snapshotsMin = 5;

const members = await MemberProcesses.create(3, () => ({}), {
  snapshot: { entries, keepEntries: Math.floor(entries / 10) },
  journal: { recordsMax: entries },
});
const load = new SteadyLoad(members.clientPorts, rate, valueBytes);
const curve = [];
const indexes = new Map(ids.map((id) => [id, new Set()]));
try {
  for (const id of ids) members.start(id);
  await members.leader();
  const writes = load.begin();
  load.start();
  process.stdout.write(
    `${rate} writes/s of 1 KiB to ${members.clientPorts.length} members for ${minutes} minutes, a snapshot every ${entries} entries\n` +
      `${'seconds'.padStart(8)}${ids.map((id) => `   member ${id}: log.mdb, state.mdb, snapshots (MiB)`).join('')}\n`,
  );
  for (let sample = 1; sample <= samples; sample++) {
    await delay(intervalMs);
    curve.push(ids.map(sizesOf));
    process.stdout.write(`${((sample * intervalMs) / 1000).toFixed(0).padStart(8)}${curve.at(-1).map(sizesText).join('')}\n`);
  }
  await load.stop();
  process.stdout.write(`writes: ${latencyText(latenciesOf(writes))}\n`);
} finally {
  await members.destroy();
  closeConnections();
}

const writtenLate = ((minutes * 60) / 2) * rate * valueBytes;
let isGrowing = false;
for (const [seat, id] of ids.entries()) {
  const at = (share) => curve[Math.floor(share * samples) - 1][seat].log;
  const grown = at(1) - at(0.5);
  const hasGrown = grown > growthShareMax * writtenLate;
  const taken = indexes.get(id).size;
  isGrowing ||= hasGrown || taken < snapshotsMin;
  process.stdout.write(
    `member ${id}: log.mdb ${hasGrown ? 'WENT ON GROWING' : 'stopped growing'}: ${mib(at(0.5))} MiB after half of the time, ` +
      `${mib(at(1))} MiB in the end, while ${mib(writtenLate)} MiB were written; at least ${taken} snapshots\n`,
  );
}
process.exitCode = isGrowing ? 1 : 0;

function sizesOf(id) {
  const directory = members.path(id);
  const snapshots = join(directory, 'snapshots', 'group-1');
  const names = existsSync(snapshots) ? readdirSync(snapshots) : [];
  for (const name of names.filter((each) => each.endsWith('.json'))) indexes.get(id).add(name);
  return {
    log: sizeOf(join(directory, 'log.mdb')),
    state: sizeOf(join(directory, 'state.mdb')),
    snapshots: names.reduce((sum, name) => sum + sizeOf(join(snapshots, name)), 0),
  };
}

/** 0 where the file has gone meanwhile. */
function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function sizesText({ log, state, snapshots }) {
  return `   ${[log, state, snapshots].map((bytes) => mib(bytes).padStart(8)).join('')}`.padEnd(52);
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
