// Kills the leader of three real members again and again, and says how long it takes until the next write succeeds.
//
//   npm run measure:failover [-- number of rounds]         (build first; nothing else should run meanwhile)
//
// Fails where the median is more than twice the election timeout.
import { setTimeout as delay } from 'node:timers/promises';
import { MemberProcesses } from '../member-processes/member-processes.mjs';

const rounds = Number(process.argv[2] ?? 20);
const electionTimeoutMs = 500;

const members = await MemberProcesses.create(3, () => ({ electionTimeoutMs }));
const times = [];
try {
  for (const id of [1, 2, 3]) members.start(id);
  for (let round = 0; round < rounds; round++) {
    const leader = await members.leader();
    await write(leader, `before-${round}`);
    const survivors = [1, 2, 3].filter((id) => id !== leader);
    const killed = performance.now();
    await members.end(leader, 'SIGKILL');
    // Clients that try again and again, one at each survivor.
    await Promise.any(survivors.map((id) => writeUntilDone(id, `after-${round}`)));
    times.push(performance.now() - killed);
    members.start(leader);
  }
} finally {
  await members.destroy();
}

times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
const median = (at(0.5) + (times.length % 2 === 0 ? times[times.length / 2 - 1] : at(0.5))) / 2;
process.stdout.write(
  `next write after the leader was killed, ${rounds} rounds, election timeout ${electionTimeoutMs} ms:\n` +
    `  ${times.map((time) => time.toFixed(0)).join(' ')} ms\n` +
    `  median ${median.toFixed(0)} ms (${(median / electionTimeoutMs).toFixed(2)} election timeouts), ` +
    `9 of 10 within ${at(0.9).toFixed(0)} ms\n`,
);
process.exitCode = median <= 2 * electionTimeoutMs ? 0 : 1;

async function write(id, key) {
  const response = await fetch(members.url(id, `/v1/kv/${key}`), { method: 'PUT', body: 'x', signal: AbortSignal.timeout(2000) }).catch(
    () => null,
  );
  return response?.ok === true;
}

async function writeUntilDone(id, key) {
  while (!(await write(id, `${key}-${id}`))) await delay(10);
}
