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
