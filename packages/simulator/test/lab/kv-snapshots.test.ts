import { expect, it } from 'vitest';
import { Clerk } from './clerk.ts';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import { genericService, type ServiceTrouble } from './generic-service.ts';
import { electionMs, type Lab } from './lab.ts';
import { appendOneAfterAnother } from './service-speed.ts';

const options = { timeout: testTimeoutMs };

/** The course's `maxraftstate`, in bytes. No log may be longer than eight times that. */
const snapshotBytes = 1000;
const logBytesMax = 8 * snapshotBytes;
const settings = { servers: 5, snapshotBytes };

function service(trouble: Omit<ServiceTrouble, 'logBytesMax'>): (lab: Lab) => Promise<void> {
  return (lab) => genericService(lab, { ...trouble, logBytesMax });
}

it('SnapshotRPC', options, () =>
  eachSeed({ servers: 3, snapshotBytes }, async (lab) => {
    const clerk = new Clerk(lab);
    await clerk.put('a', 'A');
    const laggard = lab.after(await lab.checkOneLeader());
    lab.isolate(laggard);
    const reconnect = clerk.cutOff([laggard]);
    for (let i = 0; i < 50; i++) await clerk.put(`${i}`, `${i}`);
    await lab.sleep(electionMs);
    await clerk.put('b', 'B');
    expectShortLogs(lab);

    // Only with the laggard is there a majority now, so it has to be served a snapshot.
    const away = lab.after(laggard);
    lab.connect(laggard);
    lab.disconnect(away);
    reconnect();
    clerk.cutOff([away]);
    await clerk.put('c', 'C');
    await clerk.put('d', 'D');
    expect(await clerk.get('a')).toBe('A');
    expect(await clerk.get('b')).toBe('B');
    expect(await clerk.get('1')).toBe('1');
    expect(await clerk.get('49')).toBe('49');
    expect(lab.service.installed).toBeGreaterThan(0);

    lab.connect(away);
    await clerk.put('e', 'E');
    expect(await clerk.get('c')).toBe('C');
    expect(await clerk.get('e')).toBe('E');
    expect(await clerk.get('1')).toBe('1');
  }),
);

it('SnapshotSize', options, () =>
  eachSeed({ servers: 3, snapshotBytes }, async (lab) => {
    const clerk = new Clerk(lab);
    for (let i = 0; i < 100; i++) {
      await clerk.put('x', '0');
      expect(await clerk.get('x')).toBe('0');
      await clerk.put('x', '1');
      expect(await clerk.get('x')).toBe('1');
    }
    expectShortLogs(lab);
    for (const server of lab.all) expect((await lab.takeSnapshot(server)).size).toBeLessThanOrEqual(500);
  }),
);

it('Speed', options, () => eachSeed({ servers: 3, snapshotBytes }, appendOneAfterAnother));

it('SnapshotRecover', options, () => eachSeed(settings, service({ clients: 1, crash: true })));

it('SnapshotRecoverManyClients', options, () => eachSeed(settings, service({ clients: 20, crash: true })));

it('SnapshotUnreliable', options, () => eachSeed(settings, service({ clients: 5, unreliable: true })));

it('SnapshotUnreliableRecover', options, () => eachSeed(settings, service({ clients: 5, unreliable: true, crash: true })));

it('SnapshotUnreliableRecoverConcurrentPartition', options, () =>
  eachSeed(settings, service({ clients: 5, unreliable: true, crash: true, partitions: true })),
);

it('SnapshotUnreliableRecoverConcurrentPartitionLinearizable', options, () =>
  eachSeed({ servers: 7, snapshotBytes }, service({ clients: 15, unreliable: true, crash: true, partitions: true, randomKeys: true })),
);

function expectShortLogs(lab: Lab): void {
  for (const server of lab.all) expect(lab.logBytes(server)).toBeLessThanOrEqual(logBytesMax);
}
