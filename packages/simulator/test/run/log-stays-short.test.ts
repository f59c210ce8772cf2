import { expect, test } from 'vitest';
import type { SimHost } from '../../src/cluster/sim-host.ts';
import { theGroup } from '../../src/cluster/sim-host.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { Stage } from '../../src/run/stage.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const hourMs = 3_600_000;
const writesPerSecond = 5;
const entries = 1000;
const trailingEntries = 200;

const plan: Plan = {
  format: 1,
  seed: 1,
  members: 3,
  witnesses: 0,
  durationMs: 0,
  convergenceMs: 60_000,
  turnMs: 0,
  stateComparisonMs: 0,
  raft: { electionTimeoutMs: 2000, heartbeatIntervalMs: 500, trailingEntries },
  limits: {},
  builds: [{}],
  network: { delayMs: 0.2, jitterMs: 0.1, datagrams: false, loss: 0, duplicate: 0, reorder: 0, throughCodec: false },
  disk: { writeMs: 0.1, syncMs: 1 },
  workload: { clients: 1, ratePerSecond: 1, burst: 1, timeoutMs: 10_000, sessionTtlMs: null, without: [], until: null },
  faults: [],
};

/** The entries, and the bytes of their payloads, that a host's log has on disk. */
function logOf(host: SimHost): { readonly entries: number; readonly bytes: number } {
  const disk = host.disk.durable(theGroup);
  const { log } = disk;
  let bytes = 0;
  for (let index = log.snapshotIndex + 1; index <= log.lastIndex; index++) bytes += disk.entry(index)?.payload.length ?? 0;
  return { entries: log.lastIndex - log.snapshotIndex, bytes };
}

test('an hour of steady writes does not make a log grow', { timeout: 300_000 }, async () => {
  // Nobody keeps a record of the calls: what is looked at is the disk.
  const { machine, workload } = registersSubject;
  const stage = new Stage(plan, { machine, workload, snapshot: { entries } });
  const { world, cluster } = stage;
  const samples: { readonly entries: number; readonly bytes: number }[] = [];
  let written = 0;

  async function writeOn(): Promise<void> {
    const client = stage.client(
      0,
      cluster.hosts.map(({ clientAddress }) => clientAddress),
    );
    while (world.now < hourMs) {
      await client.$execute('put', { key: `k${written % 20}`, value: 'x'.repeat(300), serial: written });
      written++;
      await world.pass(1000 / writesPerSecond);
      if (written % (60 * writesPerSecond) === 0) samples.push(...cluster.hosts.map(logOf));
    }
  }

  cluster.startAll();
  await world.settled(writeOn(), 2 * hourMs);
  expect(written).toBeGreaterThan(0.9 * (hourMs / 1000) * writesPerSecond);
  const longest = Math.max(...samples.map((sample) => sample.entries));
  const largest = Math.max(...samples.map(({ bytes }) => bytes));
  expect(longest).toBeGreaterThan(entries);
  expect(longest).toBeLessThan(entries + trailingEntries + 50);
  expect(largest).toBeLessThan(500 * longest);
  for (const { disk } of cluster.hosts)
    expect(disk.durable(theGroup).log.snapshotIndex).toBeGreaterThan(written - entries - trailingEntries);
});
