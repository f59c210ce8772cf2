import type { Host } from '@flotilla/runtime';
import { type AnyMachineDefinition, command, defineMachine, event } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { ledger, tableLedger } from './ledger.ts';
import { ledgerCluster } from './ledger-cluster.ts';

const input = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as number }) } } as const;

/** The ledger, which adds the number of its member when it is told to add 99. */
function astray(program: AnyMachineDefinition, member: number): AnyMachineDefinition {
  const add = command(input, (_state: unknown, by) => [event('added', by === 99 ? by + member : by)]);
  return defineMachine({ ...program, previous: undefined as never, migrate: undefined as never, commands: { ...program.commands, add } });
}

test.each([
  ['in memory', ledger],
  ['in tables', tableLedger],
])('a machine %s that goes astray on one member stops there, and names the entry', async (_where, program) => {
  const spoilt = 2;
  const { cluster, leader, execute, total } = await ledgerCluster({
    program: (member) => astray(program, member === spoilt ? 7 : 0),
    stateComparisonMs: 5000,
  });
  const failures: { member: number; reason: unknown }[] = [];
  for (const member of [1, 2, 3]) cluster.slot(member).host?.onFailure((reason) => failures.push({ member, reason }));
  for (let i = 0; i < 100; i++) await execute(leader, 'add', 1);
  await cluster.time.pass(6000);
  for (let i = 0; i < 30; i++) await execute(leader, 'add', 1);
  const { index } = await execute(leader, 'add', 99);
  for (let i = 0; i < 30; i++) await execute(leader, 'add', 1);
  expect(failures).toEqual([]);
  await cluster.time.until('it stops', () => failures.length > 0, 12_000);
  expect(failures).toEqual([{ member: spoilt, reason: expect.objectContaining({ code: 'state_diverged' }) }]);
  expect(String(failures[0]?.reason)).toContain(`since entry ${index}`);
  expect(String(failures[0]?.reason)).toContain(`as of entry ${index - 1}`);
  cluster.crash(spoilt);
  await cluster.elect();
  await execute(1, 'add', 1);
  expect(await total(3)).toBe(260);
});

/** Three members of which one has gone astray and stopped, and the next number, which waits to be added. */
async function outcast(program: AnyMachineDefinition) {
  const spoilt = 2;
  const strays = new Map([[spoilt, 7]]);
  const found = await ledgerCluster({
    program: (member) => astray(program, strays.get(member) ?? 0),
    stateComparisonMs: 5000,
    joiners: 1,
  });
  const { cluster, leader, execute } = found;
  let failures = 0;
  const watch = (host: Host | null) => host?.onFailure(() => failures++);
  watch(cluster.slot(spoilt).host);
  const { index } = await execute(leader, 'add', 99);
  await cluster.time.until('it stops', () => failures === 1, 12_000);
  cluster.crash(spoilt);
  await cluster.elect();
  const restart = async () => {
    watch(await cluster.start(spoilt));
    await cluster.time.until('it has caught up', () => {
      const { leader, appliedIndex } = cluster.group(spoilt).status();
      return leader !== null && appliedIndex === cluster.group(leader).status().appliedIndex;
    });
  };
  const standing = () => cluster.group(spoilt).status().standing;
  return { ...found, spoilt, index, restart, standing, correct: () => strays.clear(), failures: () => failures };
}

const refused = { code: 'state_diverged', outcome: 'not-applied' };

test.each([
  ['in memory', ledger],
  ['in tables', tableLedger],
])(
  'a member that went astray %s serves nothing when it is started again, and stops again with the next comparison',
  async (_where, program) => {
    const { cluster, spoilt, execute, total, restart, standing, failures } = await outcast(program);
    // The others go on to compare, though it is down, and that is no reason to forget it.
    for (let i = 0; i < 3; i++) {
      await execute(1, 'add', 1);
      await cluster.time.pass(6000);
    }
    await restart();
    expect(standing()).toBe('diverged');
    await expect(execute(spoilt, 'add', 1)).rejects.toMatchObject(refused);
    await expect(total(spoilt)).rejects.toMatchObject(refused);
    await expect(cluster.settled(cluster.group(spoilt).query('total', undefined, { consistency: 'stale' }))).rejects.toMatchObject(refused);
    await expect(cluster.settled(cluster.group(spoilt).openSession(60_000))).rejects.toMatchObject(refused);
    await expect(cluster.settled(cluster.group(spoilt).takeSnapshot())).rejects.toMatchObject(refused);
    expect(await total(1)).toBe(102);
    // Nobody has to do anything for it: it asks itself.
    await cluster.time.until('it stops again', () => failures() === 2, 12_000);
    cluster.crash(spoilt);
    await cluster.elect();
    expect(await total(3)).toBe(102);
  },
);

test('a member in memory that went astray serves again with a corrected program, once it has been found to agree', async () => {
  const { cluster, spoilt, execute, total, restart, standing, correct, failures } = await outcast(ledger);
  correct();
  await restart();
  expect(standing()).toBe('diverged');
  await cluster.time.until('it agrees', () => standing() === 'voter', 12_000);
  await execute(spoilt, 'add', 1);
  expect(await total(spoilt)).toBe(100);
  await restart();
  await cluster.time.pass(12_000);
  expect(standing()).toBe('voter');
  expect(failures()).toBe(1);
});

test('a member in tables that went astray is replaced by another one', async () => {
  const { cluster, spoilt, execute, total, correct } = await outcast(tableLedger);
  correct();
  await cluster.start(4);
  const added = { peerAddress: 'peer-4', clientAddress: 'client-4', role: 'voter' as const };
  const leader = cluster.leader() ?? 0;
  await cluster.settled(cluster.group(leader).changeMembership({ add: [added], remove: [spoilt] }));
  await cluster.time.until('it has the state', () => cluster.group(4).status().standing === 'voter');
  await execute(4, 'add', 1);
  await cluster.time.pass(12_000);
  expect(await total(4)).toBe(100);
  for (const id of [1, 3, 4]) expect(cluster.group(id).status().standing).toBe('voter');
});
