import { expect, it } from 'vitest';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import { electionMs } from './lab.ts';

const options = { timeout: testTimeoutMs };

it('InitialElection', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    await lab.checkOneLeader();
    const term = await lab.checkTerms();
    expect(term).toBeGreaterThan(0);
    await lab.sleep(2 * electionMs);
    expect(await lab.checkTerms()).toBe(term);
    await lab.checkOneLeader();
  }),
);

it('ReElection', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    const first = await lab.checkOneLeader();
    lab.disconnect(first);
    await lab.checkOneLeader();
    // The old leader's return disturbs nobody.
    lab.connect(first);
    const second = await lab.checkOneLeader();
    lab.disconnect(second, lab.after(second));
    await lab.sleep(2 * electionMs);
    lab.checkNoLeader();
    lab.connect(lab.after(second));
    await lab.checkOneLeader();
    lab.connect(second);
    await lab.checkOneLeader();
  }),
);

it('ManyElections', options, () =>
  eachSeed({ servers: 7 }, async (lab) => {
    await lab.checkOneLeader();
    for (let i = 0; i < 10; i++) {
      const away = [0, 1, 2].map(() => lab.random.integer(0, 6));
      lab.disconnect(...away);
      // Either the leader is among the four that are left, or they elect one.
      await lab.checkOneLeader();
      lab.connect(...away);
    }
    await lab.checkOneLeader();
  }),
);
