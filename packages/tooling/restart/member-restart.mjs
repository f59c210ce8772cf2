import { join } from 'node:path';
import { put, takeSnapshot } from '../member-processes/kv-calls.mjs';
import { MemberProcesses, until } from '../member-processes/member-processes.mjs';
import { MemoryWatch } from '../member-processes/memory-watch.mjs';

// By their places: nothing of the packages depends on how this is measured.
const packages = new URL('../../', import.meta.url);
const { openLmdbStorage } = await import(new URL('storage-lmdb/dist/index.js', packages).href);
const { encodeCommand } = await import(new URL('state-machine/dist/index.js', packages).href);

const payloadBytes = 256;
const batch = 2_000;
const startTimeoutMs = 600_000;
/** No snapshots but the one that is asked for. */
const settings = { snapshot: { bytes: Number.MAX_SAFE_INTEGER }, journal: { recordsMax: 1_000 } };

/**
 * Starts a member of a group of its own whose log has so many entries behind its snapshot: first with a machine that has to apply all
 * of them, then with one that has. Resolves with what both starts took; `onWritten` is called with the data directory before each.
 */
export async function startMember(entries, onWritten) {
  const members = await MemberProcesses.create(1, () => ({}), settings);
  try {
    members.start(1);
    await members.leader();
    await put(members.clientPorts[0], 'first', 'x');
    await takeSnapshot(members.clientPorts[0]);
    await members.end(1, 'SIGTERM');
    await append(members.path(1), entries);
    const starts = [];
    for (const name of ['that has to apply all entries', 'that has applied them']) {
      const files = onWritten(['log.mdb', 'state.mdb'].map((file) => join(members.path(1), file)));
      starts.push({ name, files, ...(await start(members)) });
    }
    return starts;
  } finally {
    await members.destroy();
  }
}

/** `served` is when the member answers, `ready` when it answers a read that sees everything. Milliseconds and MiB. */
async function start(members) {
  const memory = new MemoryWatch();
  const begin = performance.now();
  members.start(1);
  memory.add(1, members.pid(1));
  await until('the member serves', async () => (await members.status(1)) !== null, startTimeoutMs);
  const servedMs = performance.now() - begin;
  await until('the member has everything', () => readsLast(members), startTimeoutMs);
  const readyMs = performance.now() - begin;
  const figures = { servedMs, readyMs, anonymousMib: memory.peakMib(1), withFilesMib: memory.peakWithFilesMib(1) };
  memory.stop();
  await members.end(1, 'SIGTERM');
  return figures;
}

async function readsLast(members) {
  const response = await fetch(members.url(1, `/v1/kv/${lastKey}`), { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  await response?.arrayBuffer();
  return response?.status === 200;
}

const lastKey = 'the-last-one';

/** Puts of different keys, behind what the log has; the last of them is `lastKey`. */
async function append(directory, entries) {
  const { logStore, close } = await openLmdbStorage({ directory, identity: { clusterId: 'measured', memberId: 1, app: 'kv' } });
  try {
    const { log, hardState } = await logStore.recover(1);
    const { lastIndex } = log;
    for (let done = 0; done < entries; done += batch) {
      const added = Array.from({ length: Math.min(batch, entries - done) }, (_, i) => {
        const key = done + i + 1 === entries ? lastKey : `key-${String(done + i).padStart(8, '0')}`;
        return { index: lastIndex + done + i + 1, term: hardState.term, time: done, kind: 'command', payload: payloadOf(key) };
      });
      await logStore.write([{ group: 1, hardState: null, base: null, truncateAfter: null, entries: added }]);
    }
  } finally {
    await close();
  }
}

function payloadOf(key) {
  const value = (bytes) => encodeCommand({ type: 'put', input: { key, value: new Uint8Array(bytes).fill(7) } });
  return value(payloadBytes - value(payloadBytes / 2).length + payloadBytes / 2);
}
