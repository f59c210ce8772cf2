import { type ClientOptions, connect, connectCluster, isClientError } from '@flotilla/client';
import { describe, expect, it } from 'vitest';
import { adder, addressOf, SmallCluster } from './small-cluster.ts';

const endpoint = addressOf(1);
/** Without a session a lost answer shows: nobody asks again. */
const alone: ClientOptions = { membersIntervalMs: 0, session: false };

async function single(options: ClientOptions = {}) {
  const cluster = new SmallCluster();
  await cluster.elect();
  const client = connect(adder, [endpoint], { ...cluster.clients.ports(1), ...alone, ...options });
  return { cluster, client, world: cluster.world };
}

/** What a call failed with, and when in simulated milliseconds from its start. */
async function failure(cluster: SmallCluster, call: Promise<unknown>) {
  const since = cluster.world.now;
  const error = await cluster.world.settled(
    call.then(
      () => null,
      (reason: unknown) => reason,
    ),
  );
  if (!isClientError(error)) throw new Error('the call did not fail as calls do', { cause: error });
  return { error, afterMs: cluster.world.now - since };
}

describe('a call over the simulated network', () => {
  it('is carried out by the production host', async () => {
    const { client, world } = await single();
    expect(await world.settled(client.add(2))).toBe(2);
    expect(await world.settled(client.add(3))).toBe(5);
    expect(await world.settled(client.total())).toBe(5);
    expect(await world.settled(client.total({ consistency: 'stale', maxStalenessMs: 100 }))).toBe(5);
    expect(await world.settled(client.bytes())).toEqual(new Uint8Array([1, 2]));
    expect(await world.settled(client.$status())).toMatchObject({ member: 1, role: 'leader', journalStart: 1 });
    expect(await world.settled(client.$members())).toMatchObject({ leader: 1, members: [{ id: 1, clientAddress: endpoint }] });
  });

  it('takes its time', async () => {
    const { client, world } = await single();
    const since = world.now;
    await world.settled(client.total({ consistency: 'stale' }));
    expect(world.now - since).toBeGreaterThan(2 * 0.2);
    expect(world.now - since).toBeLessThan(20);
  });

  it('takes the same time whenever the seed is the same', async () => {
    const times = async () => {
      const { client, world } = await single();
      for (let n = 0; n < 20; n++) await world.settled(client.add(n));
      return [world.now, world.tasksRun];
    };
    expect(await times()).toEqual(await times());
  });

  it('is refused as over HTTP', async () => {
    const { cluster, client } = await single();
    const rejection = await failure(cluster, client.add(-1));
    expect(rejection.error).toMatchObject({ name: 'CommandRejected', code: 'negative', outcome: 'not-applied', status: 409 });
    expect(rejection.error).toMatchObject({ details: { n: -1 }, index: expect.any(Number) });

    const other = connect({ ...adder, commands: { ...adder.commands, subtract: adder.commands.add } }, [endpoint], {
      ...cluster.clients.ports(2),
      ...alone,
    });
    const unknown = await failure(cluster, other.subtract(1));
    expect(unknown.error).toMatchObject({ name: 'ClientError', code: 'unknown_command', outcome: 'not-applied', status: 404 });

    const refusal = await failure(cluster, client.$transferLeadership(7));
    expect(refusal.error).toMatchObject({ code: 'invalid_target', outcome: 'not-applied', status: 409 });
  });

  it('to a host that is down reaches nobody', async () => {
    const { cluster, client } = await single();
    cluster.kill(1);
    const { error } = await failure(cluster, client.add(1, { timeoutMs: 500 }));
    expect(error).toMatchObject({ code: 'timeout', outcome: 'not-applied', cause: { code: 'unreachable' } });
  });

  it('is lost when its host dies meanwhile, and nobody knows what became of it', async () => {
    const { cluster, client, world } = await single();
    cluster.slot(1).process?.pause();
    world.after(300, () => cluster.kill(1));
    const { error, afterMs } = await failure(cluster, client.add(1));
    expect(error).toMatchObject({ code: 'connection_lost', outcome: 'unknown', status: null });
    expect(afterMs).toBeGreaterThan(300);
    expect(afterMs).toBeLessThan(320);
  });

  it('has no answer from a host that is paused, which carries it out once it goes on', async () => {
    const { cluster, client, world } = await single();
    cluster.slot(1).process?.pause();
    const { error, afterMs } = await failure(cluster, client.add(4, { timeoutMs: 2000 }));
    expect(error).toMatchObject({ code: 'timeout', outcome: 'unknown' });
    expect(afterMs).toBeCloseTo(2000);
    cluster.slot(1).process?.resume();
    expect(await world.settled(client.total())).toBe(4);
  });

  it('gets nowhere while its client is cut off', async () => {
    const { cluster, client, world } = await single({ timeoutMs: 1500 });
    cluster.cutOff.add(endpoint);
    const before = await failure(cluster, client.add(1));
    expect(before.error).toMatchObject({ code: 'timeout', outcome: 'not-applied', cause: { code: 'unreachable' } });
    cluster.cutOff.clear();
    world.after(0.1, () => cluster.cutOff.add(endpoint));
    const meanwhile = await failure(cluster, client.add(1));
    expect(meanwhile.error).toMatchObject({ code: 'timeout', outcome: 'unknown' });
  });

  it('may break on either way, and only then was it applied', async () => {
    const { cluster, client, world } = await single();
    cluster.clients.link = { ...cluster.clients.link, lossProbability: 0.2 };
    const outcomes = { answered: 0, lost: 0 };
    for (let n = 0; n < 200; n++) {
      await world.settled(
        client.add(1).then(
          () => outcomes.answered++,
          () => outcomes.lost++,
        ),
      );
    }
    cluster.clients.link = { ...cluster.clients.link, lossProbability: 0 };
    const total = await world.settled(client.total());
    expect(outcomes.lost).toBeGreaterThan(40);
    expect(total).toBeGreaterThan(outcomes.answered);
    expect(total).toBeLessThan(200);
  });

  it('may break on either way, and in a session each command is applied once', async () => {
    const { cluster, client, world } = await single({ session: { ttlMs: 60_000 } });
    cluster.clients.link = { ...cluster.clients.link, lossProbability: 0.2 };
    for (let n = 1; n <= 200; n++) expect(await world.settled(client.add(1))).toBe(n);
  });
});

describe('a client of a simulated cluster', () => {
  it('is led to the leader, and finds members that it was not given', async () => {
    const cluster = new SmallCluster({ members: 3 });
    const leader = await cluster.elect();
    const follower = leader === 1 ? 2 : 1;
    const operator = connectCluster([addressOf(follower)], cluster.clients.ports(1));
    expect(await cluster.world.settled(operator.members())).toMatchObject({ member: leader });
    await cluster.world.settled(operator.transferLeadership(follower));
    cluster.kill(follower);
    expect(await cluster.world.settled(operator.status())).not.toMatchObject({ member: follower });
  });

  it('goes on after its leader died, and loses nothing that was acknowledged', async () => {
    const cluster = new SmallCluster({ members: 3 });
    const leader = await cluster.elect();
    const client = connect(
      adder,
      cluster.slots.map(({ id }) => addressOf(id)),
      cluster.clients.ports(1),
    );
    for (let n = 0; n < 10; n++) await cluster.world.settled(client.add(1));
    cluster.kill(leader);
    expect(await cluster.world.settled(client.add(1))).toBe(11);
    expect(await cluster.world.settled(client.total())).toBe(11);
  });
});
