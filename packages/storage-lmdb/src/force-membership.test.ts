import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foundingMembership, type MemberInfo, type Membership } from '@flotilla/core';
import type { LogWrite } from '@flotilla/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { forceMembership, openLmdbStorage, readIdentity } from './index.ts';

let directory: string;
let remove: () => Promise<void>;
const identity = { clusterId: 'main', memberId: 2 };

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
});

afterEach(() => remove());

function member(id: number, change: Partial<MemberInfo> = {}): MemberInfo {
  const [peerAddress, clientAddress] = [`127.0.0.1:${7000 + id}`, `127.0.0.1:${8000 + id}`];
  return { id, peerAddress, clientAddress, voter: true, witness: false, priority: 0, ...change };
}

const three = foundingMembership([member(1), member(2), member(3)]);
const commands = [1, 2, 3].map((index) => ({ index, term: 4, time: 50, kind: 'command', payload: new Uint8Array(9) }) as const);

function founded(group: number, membership: Membership = three): LogWrite {
  const base = { index: 0, term: 0, time: 0, membership };
  return { group, hardState: { term: 5, vote: 3 }, base, truncateAfter: null, entries: commands };
}

async function write(...writes: LogWrite[]): Promise<void> {
  const { logStore, close } = await openLmdbStorage({ directory, identity });
  await logStore.write(writes);
  await close();
}

async function recover(group: number) {
  const { logStore, close } = await openLmdbStorage({ directory, identity });
  const recovered = await logStore.recover(group);
  await close();
  return recovered;
}

test('lets even an older copy continue, which opens for nothing else', async () => {
  await write(founded(1));
  const storage = await openLmdbStorage({ directory, identity });
  storage.refusedBy(3, `${storage.incarnation.split('.')[0]}.9.aaaaaaaa`);
  await storage.close();
  await expect(recover(1)).rejects.toMatchObject({ code: 'data_directory_unusable' });
  await forceMembership(directory, { members: [member(2)] });
  expect(await recover(1)).toMatchObject({ log: { lastIndex: 4 } });
});

test('makes the member the only one of all its groups, in a cluster of a new incarnation', async () => {
  await write(founded(1), founded(9, { ...three, highestId: 7 }));
  const alone = { members: [member(2)], outgoing: null, pending: null, highestId: 3 };
  const forced = await forceMembership(directory, { members: [member(2)], now: 40 });
  expect(forced.groups).toEqual([
    { group: 1, index: 4, term: 6, membership: alone },
    { group: 9, index: 4, term: 6, membership: { ...alone, highestId: 7 } },
  ]);
  expect(forced.clusterId).toMatch(/^main#[0-9a-f]{8}$/);
  expect(`main#${(await readIdentity(directory)).clusterIncarnation}`).toBe(forced.clusterId);
  expect(await recover(1)).toMatchObject({
    hardState: { term: 6, vote: 2 },
    log: { lastIndex: 4 },
    lastTime: 50,
    memberships: [
      { index: 0, membership: three },
      { index: 4, membership: alone },
    ],
  });
});

test('done again, it changes nothing', async () => {
  await write(founded(1));
  const { clusterId } = await forceMembership(directory, { members: [member(2)] });
  expect(await forceMembership(directory, { members: [member(2)] })).toEqual({ clusterId, groups: [] });
  expect((await recover(1)).log.lastIndex).toBe(4);
});

test('changes nothing that is not confirmed, and keeps the directory to itself while it asks', async () => {
  await write(founded(1));
  const before = await recover(1);
  const confirm = async () => {
    await expect(openLmdbStorage({ directory, identity })).rejects.toMatchObject({ code: 'data_directory_in_use' });
    throw new Error('no');
  };
  await expect(forceMembership(directory, { members: [member(2)], confirm })).rejects.toThrow('no');
  expect(await recover(1)).toEqual(before);
  expect((await readIdentity(directory)).clusterIncarnation).toBeNull();
});

test('killed halfway, it is done when it is repeated', async () => {
  await write(founded(1));
  const file = join(directory, 'identity.json');
  const halfway = { ...JSON.parse(await readFile(file, 'utf8')), clusterIncarnation: '00000000' };
  await writeFile(file, JSON.stringify(halfway));
  const { clusterId, groups } = await forceMembership(directory, { members: [member(2)] });
  expect([clusterId === 'main#00000000', groups.length, (await recover(1)).log.lastIndex]).toEqual([false, 1, 4]);
});

test('ends joint consensus and a change that waits', async () => {
  const joint = { ...three, members: [member(2, { voter: false })], outgoing: three.members };
  const waiting = { ...foundingMembership([member(2), member(5, { voter: false })]), pending: { promote: [5], remove: [] } };
  await write(founded(1, joint), founded(2, waiting));
  const { groups } = await forceMembership(directory, { members: [member(2)] });
  expect(groups.map(({ membership }) => membership)).toEqual([
    { members: [member(2)], outgoing: null, pending: null, highestId: 3 },
    { members: [member(2)], outgoing: null, pending: null, highestId: 5 },
  ]);
});

test.each([
  ['nobody', []],
  ['another member', [member(1)]],
  ['several', [member(2), member(3)]],
  ['a learner', [member(2, { voter: false })]],
  ['a witness', [member(2, { witness: true })]],
])('refuses %s as the whole group', async (_, members) => {
  await write(founded(1));
  await expect(forceMembership(directory, { members })).rejects.toMatchObject({ code: 'recovery_refused' });
  expect((await readIdentity(directory)).clusterIncarnation).toBeNull();
});

test.each([
  ['that was removed', { ...foundingMembership([member(1), member(3)]) }, /no member of group 1/],
  ['that waits to be added', foundingMembership([]), /no member of group 1/],
  ['that is a witness', foundingMembership([member(1), member(2, { witness: true })]), /witness of group 1/],
])('refuses the data of a member %s', async (_, membership, message) => {
  await write(founded(1, membership));
  const refused = forceMembership(directory, { members: [member(2)] });
  await expect(refused).rejects.toMatchObject({ code: 'recovery_refused', message: expect.stringMatching(message) });
  expect((await recover(1)).log.lastIndex).toBe(3);
});

test('refuses a directory without a group, one that is in use, and one that is none', async () => {
  const storage = await openLmdbStorage({ directory, identity });
  await expect(forceMembership(directory, { members: [member(2)] })).rejects.toMatchObject({ code: 'data_directory_in_use' });
  await storage.close();
  await expect(forceMembership(directory, { members: [member(2)] })).rejects.toMatchObject({ code: 'recovery_refused' });
  await expect(forceMembership(join(directory, 'no'), { members: [member(2)] })).rejects.toMatchObject({ code: 'data_directory_unusable' });
});
