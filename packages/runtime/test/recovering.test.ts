import { type Index, type MemberId, truncateAfter } from '@flotilla/core';
import { type Logger, tokens } from '@flotilla/runtime';
import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

/** The disk of a member that is down loses what follows `lastIndex`, and its vote, and notices it. */
function damage(cluster: VirtualCluster, id: MemberId, lastIndex: Index): void {
  const log = cluster.slot(id).disk.log(1);
  log.entries.length = lastIndex - log.log.snapshotIndex;
  log.log = truncateAfter(log.log, lastIndex);
  log.hardState = { term: log.hardState.term, vote: null, recovering: true };
}

describe('a member whose disk lost something', () => {
  test('gets it back from the others, says so, and votes again', async () => {
    const said: string[] = [];
    const note = (level: string) => (_: object, message: string) => void said.push(`${level}: ${message}`);
    const logger: Logger = { info: note('info'), warn: note('warn'), error: note('error') };
    const modules = (id: MemberId) =>
      id === 3 ? [new ContainerModule(({ bind }) => void bind(tokens.logger).toConstantValue(logger))] : [];
    const cluster = new VirtualCluster({ machine, modules });
    await cluster.startAll();
    const leader = await cluster.elect();
    for (let i = 1; i <= 5; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
    cluster.crash(3);
    damage(cluster, 3, 2);
    await cluster.start(3);
    expect(cluster.group(3).status()).toMatchObject({ recovering: true, standing: 'voter', role: 'follower', lastIndex: 2 });
    await cluster.time.until('it has recovered', () => !cluster.group(3).status().recovering);
    expect(cluster.slot(3).disk.log(1).hardState.recovering).toBe(true);
    await cluster.time.until('its disk says so', () => cluster.slot(3).disk.log(1).hardState.recovering === undefined);
    const { result } = await cluster.settled(cluster.group(3).query('all', null));
    expect(result).toEqual([1, 2, 3, 4, 5]);
    expect(said.filter((message) => /recovered|has lost/.test(message))).toEqual([
      'warn: this member has lost what others may rely on: it neither votes nor leads until it has that again',
      'info: this member has recovered and votes again',
    ]);
    // The others need its vote now.
    cluster.crash((await cluster.elect()) === 1 ? 1 : 2);
    const next = await cluster.elect();
    await cluster.settled(cluster.group(next).execute(add(6)));
  });

  test('enters a new term at every start, before it says anything', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    const { term } = cluster.group(3).status();
    for (const id of cluster.running) cluster.crash(id);
    damage(cluster, 3, 1);
    for (const more of [1, 2]) {
      await cluster.start(3);
      expect(cluster.slot(3).disk.log(1).hardState).toEqual({ term: term + more, vote: null, recovering: true });
      await cluster.time.pass(10_000);
      expect(cluster.group(3).status()).toMatchObject({ recovering: true, term: term + more, role: 'follower' });
      cluster.crash(3);
    }
  });

  test('does not begin where the others could never lead without it', async () => {
    for (const members of [1, 2]) {
      const cluster = new VirtualCluster({ machine, members });
      await cluster.startAll();
      await cluster.elect();
      cluster.crash(1);
      damage(cluster, 1, 0);
      await expect(cluster.start(1)).rejects.toMatchObject({ code: 'cannot_heal' });
    }
  });
});
