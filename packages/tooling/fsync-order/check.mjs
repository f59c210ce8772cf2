// Watches a follower's system calls and checks that no acknowledgement leaves before the disk has what it acknowledges.
//
//   npm run check:fsync-order [-- number of writes]         (needs Linux and strace; build first)
//
// Every write carries a mark that can be found again in the pages that go to log.mdb. For each acknowledgement on the
// wire the check requires, earlier in the trace: the page with the mark written, then fdatasync on the file finished,
// then the page that makes the transaction visible written.
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MemberProcesses, until } from '../member-processes/member-processes.mjs';
import { traceReader } from './trace.mjs';

const writes = Number(process.argv[2] ?? 50);
const follower = 3;

if (spawnSync('strace', ['-V']).status !== 0) fail('strace is missing: install it with the package manager of your system.');

// The traced member is slow; a long election timeout keeps it a follower.
const raft = (id) => ({ electionTimeoutMs: id === follower ? 20_000 : 1000, heartbeatIntervalMs: 100 });
const members = await MemberProcesses.create(3, raft).catch((error) => fail(error.message));
try {
  const traceFile = join(members.directory, 'trace.txt');
  const calls = 'trace=fdatasync,fsync,write,sendto,sendmsg,writev,pwrite64,pwritev,pwritev2';
  const strace = ['strace', '-f', '-yy', '-xx', '-s', '1048576', '-e', calls, '-o', traceFile];
  for (const id of [1, 2, 3]) members.start(id, id === follower ? strace : []);
  await members.leader();
  const revisions = await writeMarks();
  for (const id of [1, 2, 3]) await members.end(id, 'SIGTERM');
  await judge(traceFile, revisions);
} catch (error) {
  process.stderr.write(`check:fsync-order: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await members.destroy();
}

async function writeMarks() {
  const revisions = [];
  for (let i = 0; i < writes; i++) {
    await until(`write ${i} succeeds`, async () => {
      const response = await fetch(members.url(1, `/v1/kv/mark-${i}`), { method: 'PUT', body: mark(i) }).catch(() => null);
      if (!response?.ok) return false;
      revisions[i] = Number(response.headers.get('flotilla-revision'));
      return true;
    });
  }
  const last = revisions.at(-1);
  await until('the follower has everything', async () => (await members.status(follower))?.appliedIndex >= last);
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
    if (!page || !acknowledged) throw new Error(`write ${i} (entry ${revision}): its page or its acknowledgement is not in the trace`);
    const sync = syncs.find(({ begun }) => begun > page.ended);
    const meta = sync && fileWrites.find(({ begun }) => begun > sync.ended);
    if (!sync || sync.ended > acknowledged.begun || !meta || meta.ended > acknowledged.begun) {
      throw new Error(
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

function fail(message) {
  process.stderr.write(`check:fsync-order: ${message}\n`);
  process.exit(1);
}
