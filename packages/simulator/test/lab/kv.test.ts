import { expect, it } from 'vitest';
import { Appends } from './appends.ts';
import { Clerk } from './clerk.ts';
import { eachSeed, testTimeoutMs } from './each-seed.ts';
import { genericService } from './generic-service.ts';
import { electionMs } from './lab.ts';
import { appendOneAfterAnother } from './service-speed.ts';

const options = { timeout: testTimeoutMs };
const settings = { servers: 5 };

it('Basic', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 1 })));

it('Speed', options, () => eachSeed({ servers: 3 }, appendOneAfterAnother));

it('Concurrent', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 5 })));

it('Unreliable', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 5, unreliable: true })));

it('UnreliableOneKey', options, () =>
  eachSeed({ servers: 3 }, async (lab) => {
    const clerk = new Clerk(lab);
    await clerk.put('k', '');
    lab.setUnreliable(true);
    const appends = [0, 1, 2, 3, 4].map((client) => new Appends(new Clerk(lab), `${client}`, 'k'));
    const append = async (each: Appends) => {
      while (each.count < 10) await each.append();
    };
    await Promise.all(appends.map(append));
    const value = await clerk.get('k');
    for (const each of appends) each.check(value);
  }),
);

it('OnePartition', options, () =>
  eachSeed(settings, async (lab) => {
    const clerk = new Clerk(lab);
    await clerk.put('1', '13');
    const leader = await lab.checkOneLeader();
    const minority = [leader, lab.after(leader)];
    const majority = lab.all.filter((server) => !minority.includes(server));
    const heal = lab.partition(majority, minority);
    const [inMajority, putter, getter] = [new Clerk(lab), new Clerk(lab), new Clerk(lab)];
    const reconnect = [inMajority.cutOff(minority), putter.cutOff(majority), getter.cutOff(majority)];

    await inMajority.put('1', '14');
    expect(await inMajority.get('1')).toBe('14');

    const done: string[] = [];
    const put = putter.put('1', '15').then(() => done.push('put'));
    const get = getter.get('1').then(() => done.push('get'));
    await lab.sleep(electionMs);
    expect(done).toEqual([]);
    expect(await inMajority.get('1')).toBe('14');
    await inMajority.put('1', '16');
    expect(await inMajority.get('1')).toBe('16');

    heal();
    for (const each of reconnect) each();
    await Promise.all([put, get]);
    expect(await clerk.get('1')).toBe('15');
  }),
);

it('ManyPartitionsOneClient', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 1, partitions: true })));

it('ManyPartitionsManyClients', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 5, partitions: true })));

it('PersistOneClient', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 1, crash: true })));

it('PersistConcurrent', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 5, crash: true })));

it('PersistConcurrentUnreliable', options, () =>
  eachSeed(settings, (lab) => genericService(lab, { clients: 5, unreliable: true, crash: true })),
);

it('PersistPartition', options, () => eachSeed(settings, (lab) => genericService(lab, { clients: 5, crash: true, partitions: true })));

it('PersistPartitionUnreliable', options, () =>
  eachSeed(settings, (lab) => genericService(lab, { clients: 5, unreliable: true, crash: true, partitions: true })),
);

it('PersistPartitionUnreliableLinearizable', options, () =>
  eachSeed({ servers: 7 }, (lab) =>
    genericService(lab, { clients: 15, unreliable: true, crash: true, partitions: true, randomKeys: true }),
  ),
);
