import { type AnyMachineDefinition, defineMachine } from '@flotilla/state-machine';
import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { tokens } from '../../src/tokens.ts';
import { countingLedger, ledger } from './ledger.ts';
import { ledgerCluster } from './ledger-cluster.ts';

/** The second version, of a program that has forgotten the first, and the third. */
const secondAlone = defineMachine({ ...countingLedger, previous: undefined as never, migrate: undefined as never });
const third = defineMachine({ ...secondAlone, version: 3, previous: secondAlone, migrate: (state) => state });

async function freshCluster(of: Readonly<Record<number, AnyMachineDefinition>>) {
  const programs = new Map(Object.entries(of).map(([id, program]) => [Number(id), program]));
  const errors: { message: string; fields: object }[] = [];
  const logger = { info() {}, warn() {}, error: (fields: object, message: string) => void errors.push({ message, fields }) };
  const found = await ledgerCluster({
    program: (member) => programs.get(member) ?? ledger,
    modules: () => [new ContainerModule(({ bind }) => void bind(tokens.logger).toConstantValue(logger))],
    stateComparisonMs: 1000,
  });
  const { cluster } = found;
  const failures: unknown[] = [];
  for (const id of cluster.running) cluster.slot(id).host?.onFailure((failure) => failures.push(failure));
  const versions = () => [1, 2, 3].map((id) => cluster.group(id).status().machine.version);
  const restart = async (id: number, program: AnyMachineDefinition) => {
    programs.set(id, program);
    cluster.crash(id);
    const host = await cluster.start(id);
    host.onFailure((failure) => failures.push(failure));
    await cluster.elect();
    await cluster.time.pass(1000);
  };
  return { ...found, errors, failures, versions, restart };
}

describe('a new group', () => {
  test.each([1, 2, 3])('begins with the version that all members can run, whoever takes the first command (member %i)', async (first) => {
    const { cluster, execute, total, failures, versions, restart } = await freshCluster({ 1: ledger, 2: ledger, 3: countingLedger });
    const early = [first, (first % 3) + 1].map((id) => cluster.group(id).execute({ type: 'add', input: 1 }));
    await cluster.settled(Promise.all(early));
    for (const id of [1, 2, 3]) await execute(id, 'add', 1);
    await cluster.time.pass(3000);
    expect(versions()).toEqual([1, 1, 1]);
    for (const id of [1, 2]) await restart(id, countingLedger);
    await cluster.time.until('version 2 applies', () => versions().every((version) => version === 2));
    await execute(first, 'add', 1);
    expect(await total(3)).toBe(6);
    expect(failures).toEqual([]);
  });

  test('begins with the newest version where all members have it', async () => {
    const { cluster, leader, execute, failures, versions } = await freshCluster({
      1: countingLedger,
      2: countingLedger,
      3: countingLedger,
    });
    await execute((leader % 3) + 1, 'add', 1);
    expect((await cluster.settled(cluster.group(leader).query('count', undefined))).result).toBe(1);
    await cluster.time.pass(1000);
    expect(versions()).toEqual([2, 2, 2]);
    expect(failures).toEqual([]);
  });

  test('begins at once where programs have one version, and agrees on nothing', async () => {
    const { cluster, leader, execute } = await freshCluster({ 1: ledger, 2: ledger, 3: ledger });
    const { lastIndex } = cluster.group(leader).status();
    expect((await execute(leader, 'add', 1)).index).toBe(lastIndex + 1);
  });

  test('whose members have no version in common says so, and applies nothing that some of them could not', async () => {
    const { cluster, errors, failures } = await freshCluster({ 1: third, 2: ledger, 3: ledger });
    const held = cluster.group(1).execute({ type: 'add', input: 1 }, { timeoutMs: 2000 });
    await expect(cluster.settled(held)).rejects.toMatchObject({ code: 'timeout', outcome: 'not-applied' });
    await cluster.time.pass(10_000);
    const conflicts = errors.filter(({ message }) => message.includes('no version of the machine'));
    expect(conflicts).toEqual([
      {
        message: expect.any(String),
        fields: expect.objectContaining({
          programs: [
            { member: 1, oldest: 2, newest: 3 },
            { member: 2, oldest: 1, newest: 1 },
            { member: 3, oldest: 1, newest: 1 },
          ],
        }),
      },
    ]);
    expect(failures).toEqual([]);
  });

  test('holds commands no longer than their callers wait, nor than the member runs', async () => {
    const { cluster } = await freshCluster({ 1: countingLedger, 2: countingLedger, 3: countingLedger });
    cluster.lose = () => true;
    const end = new AbortController();
    const held = cluster.group(1).execute({ type: 'add', input: 1 }, { signal: end.signal });
    end.abort();
    await expect(cluster.settled(held)).rejects.toMatchObject({ code: 'aborted', outcome: 'not-applied' });
    const other = cluster.group(1).execute({ type: 'add', input: 1 });
    const stopping = cluster.slot(1).host?.stop();
    await expect(cluster.settled(other)).rejects.toMatchObject({ outcome: 'not-applied' });
    await cluster.settled(Promise.resolve(stopping));
  });
});
