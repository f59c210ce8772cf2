import type { VersionRange } from '@flotilla/state-machine';
import { describe, expect, test } from 'vitest';
import { fakeCluster } from './fake-cluster.ts';

const old: VersionRange = { oldest: 1, newest: 1 };
const upgraded: VersionRange = { oldest: 1, newest: 3 };

async function rolling() {
  const programs = new Map([1, 2, 3, 4].map((id) => [id, old]));
  const started = await fakeCluster({ versions: (member) => programs.get(member) ?? old, joiners: 1 });
  const { cluster } = started;
  const restart = async (id: number, versions: VersionRange) => {
    programs.set(id, versions);
    cluster.crash(id);
    await cluster.start(id);
    await cluster.elect();
    await cluster.time.pass(2000);
  };
  return { ...started, restart };
}

describe('a new version', () => {
  test('counts once every member can run it, one version after the other', async () => {
    const { cluster, history, restart } = await rolling();
    for (const id of [1, 2]) await restart(id, upgraded);
    expect(await history(1)).toEqual(['announced 1', 'announced 2']);
    await restart(3, upgraded);
    expect((await history(1)).slice(-3)).toEqual(['announced 3', 'activated 2 for 1,2,3', 'activated 3 for 1,2,3']);
    for (const id of [1, 2, 3]) expect(cluster.group(id).status().machine).toMatchObject({ version: 3, versions: upgraded });
  });

  test('does not count as long as a learner cannot run it', async () => {
    const { cluster, history, restart } = await rolling();
    const leader = cluster.leader() ?? 0;
    await cluster.start(4);
    await cluster.time.pass(100);
    const learner = { peerAddress: 'peer-4', clientAddress: 'client-4', role: 'learner' as const };
    await cluster.settled(cluster.group(leader).changeMembership({ add: [learner] }));
    for (const id of [1, 2, 3]) await restart(id, upgraded);
    expect(cluster.group(1).status().machine.version).toBe(1);
    await restart(4, upgraded);
    expect((await history(1)).at(-1)).toBe('activated 3 for 1,2,3,4');
  });

  test('is taken back by a member that goes back to the old program', async () => {
    const { history, restart } = await rolling();
    await restart(1, upgraded);
    await restart(1, old);
    for (const id of [2, 3]) await restart(id, upgraded);
    expect(await history(1)).toEqual(['announced 1', 'announced 1', 'announced 2', 'announced 3']);
  });
});
