import { expect, it } from 'vitest';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import { electionMs, type Lab } from './lab.ts';
import { committedOn, many, one, type Started, start, startOnLeader } from './raft-calls.ts';

const options = { timeout: testTimeoutMs };

it('BasicAgree', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    // The course's log begins with its first command; ours with the entry that opens the leader's term.
    const first = await one(lab, 3, { retry: false });
    expect(await one(lab, 3, { retry: false })).toBe(first + 1);
    expect(await one(lab, 3, { retry: false })).toBe(first + 2);
  }),
);

it('RPCBytes', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3);
    const before = lab.stage.network.counts.bytes;
    let sent = 0;
    for (let i = 0; i < 10; i++) {
      const padding = 'x'.repeat(5000);
      await one(lab, 3, { padding, retry: false });
      sent += padding.length;
    }
    expect(lab.stage.network.counts.bytes - before).toBeLessThan(3 * sent + 50_000);
  }),
);

it('FollowerFailure', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3, { retry: false });
    const first = await lab.checkOneLeader();
    lab.disconnect(lab.after(first));
    await one(lab, 2, { retry: false });
    await lab.sleep(electionMs);
    await one(lab, 2, { retry: false });
    const second = await lab.checkOneLeader();
    lab.disconnect(lab.after(second), lab.after(second, 2));
    const started = await start(lab, second);
    expect(started).not.toBeNull();
    await lab.sleep(2 * electionMs);
    expectNotCommitted(lab, [started]);
  }),
);

it('LeaderFailure', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3, { retry: false });
    lab.disconnect(await lab.checkOneLeader());
    await one(lab, 2);
    await lab.sleep(electionMs);
    await one(lab, 2);
    lab.disconnect(await lab.checkOneLeader());
    const started = await Promise.all(lab.all.map((server) => start(lab, server)));
    expect(started.some((each) => each !== null)).toBe(true);
    await lab.sleep(2 * electionMs);
    expectNotCommitted(lab, started);
  }),
);

it('FailAgree', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3, { retry: false });
    const follower = lab.after(await lab.checkOneLeader());
    lab.disconnect(follower);
    await many(lab, 2, 2);
    await lab.sleep(electionMs);
    await many(lab, 2, 2);
    lab.connect(follower);
    await one(lab, 3);
    await lab.sleep(electionMs);
    await one(lab, 3);
  }),
);

it('FailNoAgree', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    await one(lab, 5, { retry: false });
    const leader = await lab.checkOneLeader();
    const away = [1, 2, 3].map((distance) => lab.after(leader, distance));
    lab.disconnect(...away);
    const first = await start(lab, leader);
    expect(first).not.toBeNull();
    await lab.sleep(2 * electionMs);
    expectNotCommitted(lab, [first]);
    lab.connect(...away);
    // Whoever leads now may have the first command, or know nothing of it.
    const second = await start(lab, await lab.checkOneLeader());
    expect(second?.index).toBeGreaterThanOrEqual(first?.index ?? 0);
    await one(lab, 5);
  }),
);

it('ConcurrentStarts', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    const leader = await lab.checkOneLeader();
    const started = await Promise.all([0, 1, 2, 3, 4].map(() => start(lab, leader)));
    expect(new Set(started.map((each) => each?.term)).size).toBe(1);
    await lab.until('all of them are committed', () => started.every((each) => each !== null && committedOn(lab, each) === 3));
  }),
);

it('Rejoin', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3);
    const first = await lab.checkOneLeader();
    lab.disconnect(first);
    const doomed = await startSome(lab, first, 3);
    await one(lab, 2);
    const second = await lab.checkOneLeader();
    lab.disconnect(second);
    lab.connect(first);
    await one(lab, 2);
    lab.connect(second);
    await one(lab, 3);
    expectNotCommitted(lab, doomed);
  }),
);

it('Backup', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    await one(lab, 5);
    const first = await lab.checkOneLeader();
    const [follower, ...others] = [1, 2, 3, 4].map((distance) => lab.after(first, distance)) as [number, ...number[]];
    lab.disconnect(...others);
    const doomed = [...(await startSome(lab, first, 50))];
    await lab.sleep(electionMs / 2);
    lab.disconnect(first, follower);
    lab.connect(...others);
    await many(lab, 50, 3);
    const second = await lab.checkOneLeader();
    const away = others.find((server) => server !== second) ?? 0;
    lab.disconnect(away);
    doomed.push(...(await startSome(lab, second, 50)));
    await lab.sleep(electionMs / 2);
    lab.disconnect(...lab.all);
    lab.connect(first, follower, away);
    await many(lab, 50, 3);
    lab.connect(...lab.all);
    await one(lab, 5);
    expect(doomed).toHaveLength(100);
    // What the second leader put down with one follower may have survived in neither of the logs that were left.
    expectNotCommitted(lab, doomed);
  }),
);

it('Count', options, () =>
  eachSeed({ servers: 3, raft: { electionTimeoutMs: 500, heartbeatIntervalMs: 125 } }, async (lab) => {
    const { counts } = lab.stage.network;
    const leader = await lab.checkOneLeader();
    expect(counts.sent).toBeGreaterThan(0);
    expect(counts.sent).toBeLessThanOrEqual(30);
    const before = counts.sent;
    const started = await startSome(lab, leader, 10);
    await lab.until('all of them are committed', () => started.every((each) => committedOn(lab, each) === 3));
    expect(counts.sent - before).toBeLessThanOrEqual((10 + 4) * 3);
    const busy = counts.sent;
    await lab.sleep(1000);
    expect(counts.sent - busy).toBeLessThanOrEqual(60);
    expect(await startOnLeader(lab)).not.toBeNull();
  }),
);

/** Puts commands into the log of a leader that still takes itself for one. */
async function startSome(lab: Lab, leader: number, count: number): Promise<readonly Started[]> {
  const started = await Promise.all(Array.from({ length: count }, () => start(lab, leader)));
  expect(started).not.toContain(null);
  return started.filter((each) => each !== null);
}

function expectNotCommitted(lab: Lab, started: readonly (Started | null)[]): void {
  expect(started.filter((each) => each !== null && committedOn(lab, each) > 0)).toEqual([]);
}
