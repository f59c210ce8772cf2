import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memberStart } from './member-start.ts';
import { type Origin, readOrigin, writeOrigin } from './origin.ts';
import { serveConfig } from './serve-config.ts';

const members = '1=127.0.0.1:7000/127.0.0.1:7001,2=127.0.0.1:8000/127.0.0.1:8001/witness';
const logger: Logger = { info() {}, warn() {}, error() {} };

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-start-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const start = (flags: object) => memberStart('kv', serveConfig(null, { dataDirectory: directory, ...flags }, {}), logger);

const joined: Origin = {
  format: 1,
  kind: 'joined',
  cluster: 'c',
  role: 'learner',
  peerAddress: '10.0.0.4:7000',
  clientAddress: '10.0.0.4:7001',
  member: 4,
};

/** What a storage leaves behind once it was created. */
function pretendData(member: number): void {
  const identity = {
    format: 3,
    clusterId: 'c',
    memberId: member,
    app: 'kv',
    clusterIncarnation: null,
    incarnation: 'i',
    createdAt: '',
    generation: 1,
    highestTerm: 1,
    initialized: true,
  };
  writeFileSync(join(directory, 'identity.json'), JSON.stringify(identity));
}

describe('a founding member', () => {
  test('is the one of its number in the list, which is on disk before anything else', async () => {
    const founded = await start({ cluster: 'c', member: '2', members });
    expect(founded).toMatchObject({
      cluster: 'c',
      member: 2,
      witness: true,
      advertise: '127.0.0.1:8000',
      listen: { port: 8000 },
      clientListen: { port: 8001 },
    });
    expect(await readOrigin(directory)).toMatchObject({ kind: 'founded', member: 2, founders: founded.founders });
  });

  test('may correct its list until it has data, and not afterwards', async () => {
    await start({ cluster: 'c', member: '1', members: '1=127.0.0.1:1/127.0.0.1:2' });
    expect((await start({ cluster: 'c', member: '1', members })).founders).toHaveLength(2);
    pretendData(1);
    expect((await start({ cluster: 'c', member: '1', members: '1=127.0.0.1:1/127.0.0.1:2' })).founders).toHaveLength(2);
  });

  test('needs no settings once it has data', async () => {
    await start({ cluster: 'c', member: '1', members });
    pretendData(1);
    expect(await start({})).toMatchObject({ cluster: 'c', member: 1, listen: { port: 7000 }, clientListen: { port: 7001 } });
  });

  test.each([
    ['that is not in the list', { cluster: 'c', member: '3', members }],
    ['without a cluster', { member: '1', members }],
    ['without a number', { cluster: 'c', members }],
    ['that is to found and to join', { cluster: 'c', member: '1', members, join: '127.0.0.1:7001' }],
    ['that is to do neither', { cluster: 'c', member: '1' }],
  ])('%s is refused', async (_who, flags) => {
    await expect(start(flags)).rejects.toMatchObject({ code: 'usage' });
    expect(await readOrigin(directory)).toBeNull();
  });
});

describe('a member that joined', () => {
  test('is what it was, whatever it is told to join', async () => {
    await writeOrigin(directory, joined);
    pretendData(4);
    const again = { cluster: 'c', member: 4, founders: [], witness: false, advertise: '10.0.0.4:7000', listen: { port: 7000 } };
    expect(await start({})).toMatchObject(again);
    expect(await start({ join: '127.0.0.1:1' })).toMatchObject(again);
    expect(await start({ cluster: 'other', member: '5' })).toMatchObject({ cluster: 'other', member: 5 });
  });

  test('begins with the name that a recovery gave the cluster; then its storage knows', async () => {
    await writeOrigin(directory, { ...joined, cluster: 'c#0a0b0c0d' });
    expect(await start({})).toMatchObject({ cluster: 'c#0a0b0c0d' });
    pretendData(4);
    expect(await start({})).toMatchObject({ cluster: 'c' });
  });
});

describe('a member that is to join', () => {
  const wish = { join: '127.0.0.1:1', listen: '127.0.0.1:7100', clientListen: '127.0.0.1:7101' };

  test.each([
    ['without an address', { join: '127.0.0.1:1' }],
    ['at an address that is a wildcard', { ...wish, listen: '0.0.0.0:7100' }],
    ['at one for clients that is a wildcard', { ...wish, clientListen: '[::]:7101' }],
  ])('%s is refused', async (_who, flags) => {
    await expect(start(flags)).rejects.toMatchObject({ code: 'usage' });
  });

  test('with other addresses than in a start that was cut short is told so', async () => {
    const { member: _, ...intent } = joined;
    await writeOrigin(directory, { ...intent, kind: 'joining' });
    await expect(start(wish)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('10.0.0.4:7000') });
  });

  test('does not touch data that is somebody else’s', async () => {
    pretendData(4);
    await expect(start(wish)).rejects.toMatchObject({ code: 'usage' });
    expect(await readOrigin(directory)).toBeNull();
  });
});

test('an origin that is damaged is no origin', async () => {
  writeFileSync(join(directory, 'origin.json'), '{"kind":"founded"');
  await expect(start({ cluster: 'c', member: '1', members })).rejects.toMatchObject({ code: 'data_directory_unusable' });
});
