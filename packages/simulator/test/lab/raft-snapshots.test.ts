import { expect, it } from 'vitest';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import type { Lab } from './lab.ts';
import { many, one, start } from './raft-calls.ts';

const options = { timeout: testTimeoutMs };

/** About ten commands, as in the course. */
const snapshotCommands = 10;
const settings = { servers: 3, snapshotBytes: 450 };

/** More than this is in no log, in bytes of commands: the course says 2,000 of everything. */
const logBytesMax = 2000;

interface Trouble {
  readonly disconnect?: boolean;
  readonly crash?: boolean;
  readonly unreliable?: boolean;
}

it('SnapshotBasic', options, () =>
  // Whoever is only a little late finds what it lacks behind the snapshot.
  eachSeed({ ...settings, raft: { trailingEntries: 2 * snapshotCommands } }, async (lab) => {
    await snapshots(lab, {});
    expect(lab.service.installed).toBe(0);
  }),
);

it('SnapshotInstall', options, () => eachSeed(settings, (lab) => snapshots(lab, { disconnect: true })));

it('SnapshotInstallUnreliable', options, () => eachSeed(settings, (lab) => snapshots(lab, { disconnect: true, unreliable: true })));

it('SnapshotInstallCrash', options, () => eachSeed(settings, (lab) => snapshots(lab, { crash: true })));

it('SnapshotInstallUnCrash', options, () => eachSeed(settings, (lab) => snapshots(lab, { crash: true, unreliable: true })));

it('SnapshotAllCrash', options, () =>
  eachSeed(settings, async (lab) => {
    await one(lab, 3);
    for (let i = 0; i < 5; i++) {
      await many(lab, lab.random.integer(snapshotCommands / 2, (3 * snapshotCommands) / 2), 3);
      const before = await one(lab, 3);
      await lab.restart(...lab.all);
      expect(await one(lab, 3)).toBeGreaterThan(before);
    }
  }),
);

it('SnapshotInit', options, () =>
  eachSeed(settings, async (lab) => {
    await many(lab, snapshotCommands + 1, 3);
    await lab.restart(...lab.all);
    // One command, so that something is written beside the snapshot.
    const last = await one(lab, 3);
    await lab.restart(...lab.all);
    expect(await one(lab, 3)).toBeGreaterThan(last);
  }),
);

/** The course's `snapcommon`: somebody is away while the others go on beyond what their logs keep, again and again. */
async function snapshots(lab: Lab, { disconnect = false, crash = false, unreliable = false }: Trouble): Promise<void> {
  lab.setUnreliable(unreliable);
  await one(lab, 3);
  let leader = await lab.checkOneLeader();
  for (let i = 0; i < 10; i++) {
    const [victim, sender] = i % 3 === 1 ? [leader, lab.after(leader)] : [lab.after(leader), leader];
    if (disconnect) lab.disconnect(victim);
    if (crash) lab.crash(victim);
    const present = disconnect || crash ? 2 : 3;
    if (present === 2) await one(lab, 2);
    const count = lab.random.integer(snapshotCommands / 2, (3 * snapshotCommands) / 2);
    await Promise.all(Array.from({ length: count }, () => start(lab, sender)));
    await one(lab, present);
    for (const server of lab.all) if (server !== victim || present === 3) expect(lab.logBytes(server)).toBeLessThan(logBytesMax);
    if (disconnect) lab.connect(victim);
    if (crash) await lab.start(victim);
    if (present === 2) await one(lab, 3);
    leader = await lab.checkOneLeader();
  }
  await one(lab, 3);
}
