import { expect, it } from 'vitest';
import { theGroup } from '../../src/cluster/sim-host.ts';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { Stage } from '../../src/run/stage.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const seeds = Number(process.env.FLOTILLA_SEEDS ?? 12);
const first = Number(process.env.FLOTILLA_SEED ?? 1);

/** Replaces the member of a slot by that of a spare, in one step or in three, and ends its process once it has left. */
async function replace(stage: Stage, slot: number, inOneStep: boolean): Promise<void> {
  const { world, cluster } = stage;
  const old = cluster.host(slot);
  const successor = cluster.host(slot + 3);
  const operator = stage.operatorClient();
  const address = (kind: string, port: number) => `${kind}-${successor.member}:${port}`;
  const added = { id: successor.member, peerAddress: address('peer', 70), clientAddress: address('client', 80), role: 'voter' as const };
  // A change under way refuses the next one: whoever runs a cluster tries again.
  const insist = async (change: () => Promise<unknown>, done: () => Promise<boolean>) => {
    while (!(await done().catch(() => false))) {
      await change().catch(() => {});
      await world.pass(50);
    }
  };
  const ids = async () => (await operator.members()).members.filter(({ leaving }) => !leaving).map(({ id }) => id);
  const votes = async () => (await operator.members()).members.some(({ id, role }) => id === successor.member && role === 'voter');
  const gone = async () => !(await ids()).includes(old.member);

  successor.start();
  if (inOneStep)
    await insist(
      () => operator.changeMembership({ add: [added], remove: [old.member] }),
      async () => (await votes()) && gone(),
    );
  else {
    await insist(() => operator.changeMembership({ add: [added] }), votes);
    await operator.transferLeadership(successor.member).catch(() => {});
    await insist(() => operator.changeMembership({ remove: [old.member] }), gone);
  }
  await world.pass(2000);
  old.kill();
  operator.close();
}

it('all members are replaced, one after the other, and no client notices', { timeout: 120_000 }, async () => {
  for (let seed = first; seed < first + seeds; seed++) {
    const plan = drawPlan(seed, { members: 3, clients: 8, faults: 'none', durationMs: 60_000 });
    const network = { ...plan.network, datagrams: false, loss: 0 };
    // One entry for each round trip is less than these clients write.
    const raft = { ...plan.raft, appendEntriesMax: 64, inflightAppendsMax: 16 };
    const workload = { ...plan.workload, timeoutMs: 30_000 };
    const stage = new Stage({ ...plan, witnesses: 0, network, raft, workload }, registersSubject, { spares: 3 });
    const { world, cluster, records } = stage;
    cluster.startAll();
    const clients = stage.startClients();
    const done = (async () => {
      for (const slot of [0, 1, 2]) {
        await world.pass(1000);
        await replace(stage, slot, (seed + slot) % 2 === 0);
      }
      await world.pass(1000);
      clients.stop();
    })();
    await world.settled(done, 60_000);
    await world.run(world.now + 40_000, () => clients.underWay === 0);
    const troubled = records.all.filter(({ outcome }) => outcome === 'unknown' || outcome === 'not-applied' || outcome === 'open');
    expect(
      troubled.map(({ serial, outcome, result, invokedAt }) => ({ serial, outcome, result, invokedAt })),
      `seed ${seed}`,
    ).toEqual([]);
    const statuses = cluster.hosts.slice(3).map(({ group }) => group?.status());
    expect(statuses.map((status) => [status?.group, status?.standing])).toEqual([1, 2, 3].map(() => [theGroup, 'voter']));
  }
});
