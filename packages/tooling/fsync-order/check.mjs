// Watches a follower's system calls and checks that no acknowledgement leaves before the disk has what it acknowledges.
//
//   npm run check:fsync-order [-- number of writes]         (needs Linux and strace; build first)
//
// Every write carries a mark that can be found again in the pages that go to log.mdb. For each acknowledgement on the
// wire the check requires, earlier in the trace: the page with the mark written, then fdatasync on the file finished,
// then the page that makes the transaction visible written.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { traceReader } from './trace.mjs';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/flotilla.js', import.meta.url));
const children = [];
const writes = Number(process.argv[2] ?? 50);
const follower = 3;

if (spawnSync('strace', ['-V']).status !== 0) fail('strace is missing: install it with the package manager of your system.');
if (!existsSync(new URL('../../../apps/cli/dist/main.js', import.meta.url))) fail('the command is not built: run npm run build first.');

const directory = mkdtempSync(join(tmpdir(), 'flotilla-fsync-'));
try {
  const traceFile = join(directory, 'trace.txt');
  const ports = await freePorts(6);
  await startCluster(ports, traceFile);
  const revisions = await writeMarks(ports);
  await stopAll();
  await judge(traceFile, revisions);
} finally {
  await stopAll();
  rmSync(directory, { recursive: true, force: true });
}

async function startCluster(ports, traceFile) {
  const peers = [1, 2, 3].map((id) => `  ${id}: 127.0.0.1:${ports[id - 1]}`).join('\n');
  for (const id of [1, 2, 3]) {
    // The traced member is slow; a long election timeout keeps it a follower.
    const raft = `raft: { electionTimeoutMs: ${id === follower ? 20_000 : 1000}, heartbeatIntervalMs: 100 }`;
    const config = join(directory, `member-${id}.yaml`);
    writeFileSync(
      config,
      `cluster: fsync-order\nmember: ${id}\ndataDirectory: member-${id}\npeers:\n${peers}\nclientListen: 127.0.0.1:${ports[id + 2]}\n${raft}\n`,
    );
    const member = [process.execPath, cli, 'serve', 'kv', '--config', config];
    const calls = 'trace=fdatasync,fsync,write,sendto,sendmsg,writev,pwrite64,pwritev,pwritev2';
    const strace = ['strace', '-f', '-yy', '-xx', '-s', '1048576', '-e', calls, '-o', traceFile];
    const [command, ...args] = id === follower ? [...strace, ...member] : member;
    // A process group of its own: strace does not pass signals on.
    children.push(spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'] }));
  }
  await until('all members serve', async () => (await Promise.all(ports.slice(3).map(status))).every((answer) => answer?.leader));
}

async function writeMarks(ports) {
  const revisions = [];
  for (let i = 0; i < writes; i++) {
    await until(`write ${i} succeeds`, async () => {
      const response = await fetch(`http://127.0.0.1:${ports[3]}/v1/kv/mark-${i}`, { method: 'PUT', body: mark(i) }).catch(() => null);
      if (!response?.ok) return false;
      revisions[i] = Number(response.headers.get('flotilla-revision'));
      return true;
    });
  }
  const last = revisions.at(-1);
  await until('the follower has everything', async () => (await status(ports[follower + 2]))?.appliedIndex >= last);
  return revisions;
}

async function judge(traceFile, revisions) {
  const trace = traceReader();
  for await (const line of createInterface({ input: createReadStream(traceFile, 'latin1') })) trace.read(line);
  const { acknowledgements, syncs, fileWrites } = trace.result();
  let checked = 0;
  for (const [i, revision] of revisions.entries()) {
    const needle = Buffer.from(mark(i)).toString('latin1');
    const page = fileWrites.find(({ data }) => data.includes(needle));
    const acknowledged = acknowledgements.find(({ matchIndex }) => matchIndex >= revision);
    if (!page || !acknowledged) fail(`write ${i} (entry ${revision}): its page or its acknowledgement is not in the trace`);
    const sync = syncs.find(({ begun }) => begun > page.ended);
    const meta = sync && fileWrites.find(({ begun }) => begun > sync.ended);
    if (!sync || sync.ended > acknowledged.begun || !meta || meta.ended > acknowledged.begun) {
      fail(
        `entry ${revision} was acknowledged at line ${acknowledged.begun} of the trace, before it was durable ` +
          `(page written at ${page.ended}, fdatasync ended at ${sync?.ended ?? 'never'}, made visible at ${meta?.ended ?? 'never'})`,
      );
    }
    checked++;
  }
  process.stdout.write(
    `${checked} entries, ${acknowledgements.length} acknowledgements, ${syncs.length} fdatasync, ${fileWrites.length} writes to log.mdb: ` +
      'no acknowledgement left before its entries were durable\n',
  );
}

function mark(i) {
  return `flotilla-mark-${String(i).padStart(8, '0')}`;
}

async function status(port) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/status`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
  return response?.ok ? response.json() : null;
}

async function until(what, condition) {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > end) fail(`never came true: ${what}`);
    await delay(20);
  }
}

async function stopAll() {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await exited;
    }),
  );
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function fail(message) {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
  process.stderr.write(`check:fsync-order: ${message}\n`);
  process.exit(1);
}
