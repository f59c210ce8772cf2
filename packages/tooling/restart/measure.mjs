// Says how long a member needs when it starts, beside how long reading its files takes: first for verifying its log alone, then for
// a whole member of the bundled key-value app.
//
//   npm run measure:restart [-- number of entries]         (build first; nothing else should run meanwhile)
//
// Fails where the verification of the log takes more than twice as long as reading its file from the disk.
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeConnections } from '../member-processes/kv-calls.mjs';
import { startMember } from './member-restart.mjs';

// By its place: nothing of the packages depends on how this is measured.
const { openLmdbStorage } = await import(new URL('../../storage-lmdb/dist/index.js', import.meta.url).href);

const payloadBytes = 256;
const identity = { clusterId: 'measured', memberId: 1 };
const [first, directory] = process.argv.slice(2);

if (directory) await recover();
else {
  await measure(Number(first ?? 1_000_000));
  await measureMember(Number(first ?? 1_000_000));
}

/** In a process of its own, so that its memory is that of a member that starts. */
async function recover() {
  const before = performance.now();
  const { logStore, close } = await openLmdbStorage({ directory, identity });
  const opened = performance.now();
  const { log } = await logStore.recover(1);
  const recovered = performance.now();
  await close();
  const report = {
    entries: log.lastIndex,
    openMs: opened - before,
    recoverMs: recovered - opened,
    rssMib: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

async function measure(entries) {
  const path = mkdtempSync(join(tmpdir(), 'flotilla-restart-'));
  try {
    const writeMs = await write(path, entries);
    const file = join(path, 'log.mdb');
    forget(file);
    const cold = readFile(file);
    const warm = readFile(file);
    forget(file);
    const starts = { cold: start(path), warm: start(path) };
    const mib = cold.bytes / 2 ** 20;
    const line = (name, read, { openMs, recoverMs, rssMib }) =>
      `  ${name}: reading the file ${read.ms.toFixed(0)} ms (${(mib / (read.ms / 1000)).toFixed(0)} MiB/s), checking its pages and opening it ` +
      `${openMs.toFixed(0)} ms, verifying the log ${recoverMs.toFixed(0)} ms (${(mib / (recoverMs / 1000)).toFixed(0)} MiB/s), ` +
      `peak memory ${rssMib.toFixed(0)} MiB\n`;
    process.stdout.write(
      `${starts.cold.entries} entries of ${payloadBytes} bytes, ${mib.toFixed(0)} MiB, written in ${(writeMs / 1000).toFixed(1)} s\n` +
        line('from the disk', cold, starts.cold) +
        line('from the page cache', warm, starts.warm),
    );
    process.exitCode = starts.cold.recoverMs <= 2 * cold.ms ? 0 : 1;
  } finally {
    rmSync(path, { recursive: true });
  }
}

async function measureMember(entries) {
  const starts = await startMember(entries, (files) => {
    for (const file of files) forget(file);
    const read = files.map((file) => readFile(file));
    for (const file of files) forget(file);
    return read;
  });
  closeConnections();
  for (const { name, files, servedMs, readyMs, anonymousMib, withFilesMib } of starts) {
    const mib = files.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20;
    const readMs = files.reduce((sum, { ms }) => sum + ms, 0);
    process.stdout.write(
      `a member ${name}, ${entries} of them behind its snapshot: serves after ${seconds(servedMs)}, ready after ${seconds(readyMs)}\n` +
        `  (log.mdb and state.mdb have ${mib.toFixed(0)} MiB: reading them from the disk ${seconds(readMs)}); ` +
        `peak memory ${anonymousMib.toFixed(0)} MiB anonymous, ${withFilesMib.toFixed(0)} MiB with mapped files\n`,
    );
  }
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

async function write(path, entries) {
  const before = performance.now();
  const { logStore, close } = await openLmdbStorage({ directory: path, identity });
  const payload = new Uint8Array(payloadBytes).fill(7);
  const batch = 2_000;
  for (let last = 0; last < entries; last += batch) {
    const added = Array.from({ length: batch }, (_, i) => ({ index: last + i + 1, term: 1, time: last, kind: 'command', payload }));
    await logStore.write([{ group: 1, hardState: { term: 1, vote: 1 }, base: null, truncateAfter: null, entries: added }]);
  }
  await close();
  return performance.now() - before;
}

function start(path) {
  return JSON.parse(execFileSync(process.execPath, [import.meta.filename, 'recover', path], { encoding: 'utf8' }));
}

function readFile(file) {
  const before = performance.now();
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(2 ** 20);
  const bytes = fstatSync(descriptor).size;
  while (readSync(descriptor, buffer, 0, buffer.length, null) > 0);
  closeSync(descriptor);
  return { bytes, ms: performance.now() - before };
}

/** Makes the system read the file from the disk again; where it cannot be told to, both figures are those of the page cache. */
function forget(file) {
  try {
    execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
  } catch {
    process.stdout.write('the page cache cannot be emptied here\n');
  }
}
