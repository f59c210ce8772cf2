import { connect, isCommandRejected } from '@flotilla/client';
import { kv } from '@flotilla/kv';
import { describe, expect, it } from 'vitest';
import { serveKv } from './serve-kv.ts';

const bytes = Uint8Array.of(0, 0xff, 0x80);

/** Three gateways of one group, as three members of a cluster would look. */
async function cluster() {
  const first = await serveKv();
  const others = [await serveKv(first.group), await serveKv(first.group)];
  const members = [first, ...others];
  const client = connect(
    kv,
    members.map(({ url }) => url),
    { backoffFirstMs: 1, timeoutMs: 5000 },
  );
  return { members, group: first.group, client };
}

describe('the client and the gateway', () => {
  it('carry bytes, replies and answers unharmed', async () => {
    const { client } = await cluster();
    expect(await client.put({ key: 'a', value: bytes })).toEqual({ key: 'a', revision: 2, created: true });
    expect(await client.get({ key: 'a' })).toEqual({ key: 'a', value: bytes, revision: 2 });
    expect(await client.get({ key: 'b' }, { consistency: 'stale' })).toBeNull();
    expect(await client.list({ prefix: '' })).toEqual({ entries: [{ key: 'a', value: bytes, revision: 2 }], next: null });
    expect(await client.$status()).toMatchObject({ member: 1, role: 'leader', machine: { name: 'kv' } });
    client.$close();
  });

  it('tell a rejection and bad input apart', async () => {
    const { client } = await cluster();
    await client.put({ key: 'a', value: bytes });
    const rejected = await client.put({ key: 'a', value: bytes, expectedRevision: 7 }).catch((error: unknown) => error);
    expect(isCommandRejected(rejected, 'revision_mismatch') && rejected.details).toEqual({ key: 'a', revision: 2 });
    expect(rejected).toMatchObject({ status: 412, index: 3, outcome: 'not-applied' });
    await expect(client.put({ key: '', value: bytes })).rejects.toMatchObject({
      code: 'invalid_input',
      outcome: 'not-applied',
      message: expect.stringContaining('key'),
    });
    client.$close();
  });

  it('outlive members', async () => {
    const { client, members } = await cluster();
    await client.put({ key: 'a', value: bytes });
    await members[0]?.gateway.close();
    expect(await client.put({ key: 'b', value: bytes })).toMatchObject({ revision: 3 });
    await members[1]?.gateway.close();
    expect(await client.get({ key: 'b' })).toMatchObject({ revision: 3 });
    await members[2]?.gateway.close();
    await expect(client.put({ key: 'c', value: bytes }, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    client.$close();
  });

  it('wait for a leader', async () => {
    const { client, group } = await cluster();
    group.setLeader(null);
    const call = client.put({ key: 'a', value: bytes });
    await expect(client.$status()).resolves.toMatchObject({ leader: null });
    group.setLeader(1);
    expect(await call).toMatchObject({ revision: 2 });
    client.$close();
  });

  it('follow every event exactly once while members come and go', async () => {
    const { client, members } = await cluster();
    const seen: string[] = [];
    const values: unknown[] = [];
    const following = (async () => {
      for await (const event of client.$events({ from: 1 })) {
        seen.push(`${event.index}-${event.ordinal} ${event.type} ${event.data.key}`);
        if (event.type === 'put') values.push(event.data.value);
        if (seen.length === 4) await members[0]?.gateway.close();
        if (seen.length === 8) await members[1]?.gateway.close();
        if (seen.length === 12) break;
      }
    })();
    const writer = connect(kv, [members[2]?.url ?? '']);
    for (let n = 1; n <= 12; n++) await writer.put({ key: `k${n}`, value: bytes });
    await following;
    // The first entry opens the writer's session.
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => `${n + 2}-0 put k${n + 1}`));
    expect(values.every((value) => value instanceof Uint8Array && Buffer.compare(value, bytes) === 0)).toBe(true);
    client.$close();
    writer.$close();
  });
});
