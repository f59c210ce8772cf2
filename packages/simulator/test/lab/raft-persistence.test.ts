import { expect, it } from 'vitest';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import { electionMs, type Lab } from './lab.ts';
import { committedOn, one, type Started, start } from './raft-calls.ts';

const options = { timeout: testTimeoutMs };

it('Persist1', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3);
    await lab.restart(...lab.all);
    await one(lab, 3);
    await lab.restart(await lab.checkOneLeader());
    await one(lab, 3);
    const leader = await lab.checkOneLeader();
    lab.disconnect(leader);
    await one(lab, 2);
    await lab.restart(leader);
    await one(lab, 3);
    const follower = lab.after(await lab.checkOneLeader());
    lab.disconnect(follower);
    await one(lab, 2);
    await lab.restart(follower);
    await one(lab, 3);
  }),
);

it('Persist2', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    for (let i = 0; i < 5; i++) {
      await one(lab, 5);
      const leader = await lab.checkOneLeader();
      const [second, third, fourth, fifth] = [1, 2, 3, 4].map((distance) => lab.after(leader, distance)) as [
        number,
        number,
        number,
        number,
      ];
      lab.disconnect(second, third);
      await one(lab, 3);
      lab.disconnect(leader, fourth, fifth);
      await lab.restart(second, third);
      await lab.sleep(electionMs);
      await lab.restart(fourth);
      await one(lab, 3);
      lab.connect(fifth, leader);
    }
    await one(lab, 5);
  }),
);

it('Persist3', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await one(lab, 3);
    const leader = await lab.checkOneLeader();
    const [partitioned, follower] = [lab.after(leader, 2), lab.after(leader)];
    lab.disconnect(partitioned);
    await one(lab, 2);
    lab.crash(leader, follower);
    lab.connect(partitioned);
    await lab.start(leader);
    await one(lab, 2);
    await lab.start(follower);
    await one(lab, 3);
  }),
);

it('Figure8', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    await one(lab, 1);
    for (let i = 0; i < 100; i++) {
      const started = await Promise.all(lab.all.map((server) => start(lab, server)));
      await lab.sleep(lab.random.between(0, lab.random.chance(0.1) ? electionMs / 2 : 13));
      const leader = started.findLast((each) => each !== null)?.server;
      if (leader !== undefined && lab.runs(leader)) lab.crash(leader);
      await keepMajority(lab, (server) => lab.runs(server));
    }
    await lab.start(...lab.all);
    await one(lab, 5);
  }),
);

it('UnreliableAgree', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    lab.setUnreliable(true);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 4; j++) lab.meanwhile(one(lab, 1));
      await one(lab, 1);
    }
    lab.setUnreliable(false);
    await one(lab, 5);
  }),
);

it('Figure8Unreliable', options, () =>
  eachSeed({ servers: 5 }, async (lab) => {
    lab.setUnreliable(true);
    await one(lab, 1);
    for (let i = 0; i < 100; i++) {
      if (i === 20) lab.setUnreliable(true, { longReordering: true });
      const started = await Promise.all(lab.all.map((server) => start(lab, server)));
      const isLong = lab.random.chance(0.1);
      await lab.sleep(lab.random.between(0, isLong ? electionMs / 2 : 13));
      const leader = started.findLast((each) => each !== null)?.server;
      if (leader !== undefined && isLong && lab.random.chance(0.5)) lab.disconnect(leader);
      await keepMajority(lab, (server) => lab.takesPart(server));
    }
    lab.connect(...lab.all);
    lab.setUnreliable(false);
    await one(lab, 5);
  }),
);

it('ReliableChurn', options, () => eachSeed({ servers: 5 }, churn));

it('UnreliableChurn', options, () =>
  eachSeed({ servers: 5 }, (lab) => {
    lab.setUnreliable(true);
    return churn(lab);
  }),
);

/** Where less than three are there, one that is not comes back. */
async function keepMajority(lab: Lab, isThere: (server: number) => boolean): Promise<void> {
  if (lab.all.filter(isThere).length >= 3) return;
  const server = lab.random.pick(lab.all);
  if (!isThere(server)) await lab.start(server);
}

/** Three clients propose while servers are disconnected, crash and come back: whatever was seen committed is so in the end. */
async function churn(lab: Lab): Promise<void> {
  await lab.checkOneLeader();
  let stopped = false;
  const seen: Started[] = [];
  const client = async () => {
    while (!stopped) {
      const started = (await Promise.all(lab.all.map((server) => start(lab, server)))).findLast((each) => each !== null);
      if (!started) await lab.sleep(79);
      else if (await lab.comesTrue(() => committedOn(lab, started) > 0, 100)) seen.push(started);
      await lab.sleep(20);
    }
  };
  for (let i = 0; i < 3; i++) lab.meanwhile(client());
  for (let i = 0; i < 8; i++) {
    const [disconnected, started, crashed] = [0, 1, 2].map(() => lab.random.pick(lab.all)) as [number, number, number];
    if (lab.random.chance(0.2)) lab.disconnect(disconnected);
    if (lab.random.chance(0.5)) await lab.start(started);
    if (lab.random.chance(0.2)) lab.crash(crashed);
    await lab.sleep(electionMs * 0.7);
  }
  await lab.sleep(electionMs);
  lab.setUnreliable(false);
  await lab.start(...lab.all);
  stopped = true;
  await lab.sleep(electionMs);
  await one(lab, 5);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((each) => committedOn(lab, each) < 5)).toEqual([]);
}
