import { type AnyMachineDefinition, defineMachine } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { countingLedger, ledger, renamingLedger, tableLedger } from './ledger.ts';
import { journalOf, ledgerCluster } from './ledger-cluster.ts';

function laterThan(program: AnyMachineDefinition): AnyMachineDefinition {
  return defineMachine({ ...program, version: 2, previous: program, migrate: (state) => state });
}

async function upgraded() {
  const programs = new Map<number, AnyMachineDefinition>([1, 2, 3].map((id) => [id, ledger]));
  const found = await ledgerCluster({ program: (member) => programs.get(member) ?? ledger, stateComparisonMs: 1000 });
  const { cluster } = found;
  const failures: unknown[] = [];
  const restart = async (id: number, program: AnyMachineDefinition) => {
    programs.set(id, program);
    cluster.crash(id);
    await cluster.time.pass(2000);
    const host = await cluster.start(id);
    host.onFailure((failure) => failures.push(failure));
    return host;
  };
  return { ...found, restart, failures };
}

test('a version counts once all members were restarted with it, one by one under load, and the states agree', async () => {
  const { cluster, total, restart, failures } = await upgraded();
  let count = 0;
  const add = async () => {
    await cluster.settled(cluster.group(await cluster.elect()).execute({ type: 'add', input: 1 }));
    count++;
  };
  for (const id of [1, 2, 3]) {
    for (let i = 0; i < 5; i++) await add();
    expect(cluster.group(1).status().machine.version).toBe(1);
    await restart(id, countingLedger);
    await cluster.elect();
  }
  await cluster.time.until('version 2 applies', () => [1, 2, 3].every((id) => cluster.group(id).status().machine.version === 2));
  for (let i = 0; i < 5; i++) await add();
  await cluster.time.pass(5000);
  expect(await total(1)).toBe(count);
  expect((await cluster.settled(cluster.group(2).query('count', undefined))).result).toBe(5);
  expect(failures).toEqual([]);
});

test('who reads the journal gets events of an older version as the active one understands them', async () => {
  const { cluster, execute, restart } = await upgraded();
  await execute(1, 'add', 1);
  for (const id of [1, 2]) await restart(id, renamingLedger);
  await cluster.elect();
  expect(await journalOf(cluster, 3)).toEqual([{ type: 'added', data: 1 }]);
  await restart(3, renamingLedger);
  await cluster.time.until('version 2 applies', () => [1, 2, 3].every((id) => cluster.group(id).status().machine.version === 2));
  await execute(1, 'add', 2);
  const increased = [1, 2].map((by) => ({ type: 'increased', data: { by } }));
  for (const id of [1, 2, 3]) expect(await journalOf(cluster, id)).toEqual(increased);
});

test('a command that an older version has checked is checked again by the one that applies by then', async () => {
  const { cluster, execute, total, restart } = await upgraded();
  await execute(1, 'add', 1);
  for (const id of [1, 2, 3]) await restart(id, countingLedger);
  const leader = cluster.leader() ?? 0;
  // The last member announces, and the leader activates, while these are on their way.
  let count = 1;
  while (cluster.group(leader).status().machine.version === 1) {
    const added = [1, 2].map((id) => cluster.group(id).execute({ type: 'add', input: 1 }));
    await cluster.settled(Promise.all(added));
    count += added.length;
  }
  expect(await total(leader)).toBe(count);
});

test('a member that is restarted with the old program stops, and says why', async () => {
  const { cluster, execute, restart, failures } = await upgraded();
  await execute(1, 'add', 1);
  for (const id of [1, 2, 3]) await restart(id, countingLedger);
  await cluster.elect();
  await cluster.time.until('version 2 applies', () => cluster.group(1).status().machine.version === 2);
  await restart(1, ledger);
  await cluster.time.until('it stops', () => failures.length > 0);
  expect(failures).toEqual([expect.objectContaining({ code: 'machine_version_unsupported' })]);
  cluster.crash(1);
  await cluster.elect();
  await execute(2, 'add', 1);
});

test('a member does not start with the snapshot of a version that its program does not have', async () => {
  const { cluster, execute, restart } = await upgraded();
  await execute(1, 'add', 1);
  for (const id of [1, 2, 3]) await restart(id, countingLedger);
  await cluster.elect();
  await cluster.time.until('version 2 applies', () => cluster.group(1).status().machine.version === 2);
  await execute(1, 'add', 1);
  const { machine } = await cluster.settled(cluster.group(1).takeSnapshot());
  expect(machine).toEqual({ name: 'ledger', version: 2 });
  await expect(restart(1, ledger)).rejects.toMatchObject({ code: 'machine_version_unsupported' });
});

test.each([
  ['in memory', ledger],
  ['in tables', tableLedger],
])(
  'a member that joins with a later program takes a snapshot %s of the version that applies, and goes on with that',
  async (_where, program) => {
    const later = laterThan(program);
    const { cluster, leader, execute, total } = await ledgerCluster({
      program: (member) => (member === 4 ? later : program),
      joiners: 1,
      raft: { trailingEntries: 1 },
    });
    for (let i = 0; i < 20; i++) await execute(leader, 'add', 1);
    await cluster.settled(cluster.group(leader).takeSnapshot());
    await cluster.start(4);
    const learner = { peerAddress: 'peer-4', clientAddress: 'client-4', role: 'learner' as const };
    await cluster.settled(cluster.group(leader).changeMembership({ add: [learner] }));
    await cluster.time.until('it has the state', () => cluster.group(4).status().standing === 'learner');
    expect(cluster.group(4).status().machine).toEqual({ name: 'ledger', version: 1, versions: { oldest: 1, newest: 2 } });
    await execute(4, 'add', 1);
    expect(await total(4)).toBe(21);
  },
);

test('a machine in tables does not start with a program that lacks the version of its state', async () => {
  const later = laterThan(tableLedger);
  const programs = new Map<number, AnyMachineDefinition>();
  const { cluster, execute } = await ledgerCluster({ program: (member) => programs.get(member) ?? later });
  await execute(1, 'add', 1);
  await cluster.time.pass(1000);
  cluster.crash(1);
  programs.set(1, tableLedger);
  await expect(cluster.start(1)).rejects.toMatchObject({
    code: 'machine_version_unsupported',
    message: expect.stringMatching(/version 2 .* this program has version 1/),
  });
  programs.set(1, later);
  await cluster.start(1);
  await cluster.elect();
  await execute(1, 'add', 1);
});
