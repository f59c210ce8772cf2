import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSnapshotPolicy } from '@flotilla/snapshot';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfigFile } from './config-file.ts';
import { serveConfig } from './serve-config.ts';
import { snapshotSettings } from './snapshot-settings.ts';

const members = '1=127.0.0.1:7000/127.0.0.1:7001,2=127.0.0.1:8000/127.0.0.1:8001/10,3=127.0.0.1:9000/127.0.0.1:9001/witness';
const flags = { cluster: 'c', member: '1', dataDirectory: 'd', members, clientListen: '127.0.0.1:7001' };

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-config-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(text: string) {
  const path = join(directory, 'member.yaml');
  writeFileSync(path, text);
  return readConfigFile(path);
}

describe('where a setting comes from', () => {
  test('flags are enough', () => {
    const config = serveConfig(null, flags, {});
    expect(config).toMatchObject({ cluster: 'c', member: 1, clientListen: { host: '127.0.0.1', port: 7001 }, logLevel: 'info' });
    expect(config.members).toMatchObject([
      { id: 1, peerAddress: '127.0.0.1:7000', clientAddress: '127.0.0.1:7001', voter: true, witness: false, priority: 0 },
      { id: 2, priority: 10 },
      { id: 3, witness: true },
    ]);
  });

  test('a flag comes before the environment', () => {
    expect(serveConfig(null, flags, { FLOTILLA_CLUSTER: 'env' }).cluster).toBe('c');
    expect(serveConfig(null, { ...flags, cluster: undefined }, { FLOTILLA_CLUSTER: 'env' }).cluster).toBe('env');
  });

  test('the file comes before the environment, and its paths are relative to it', () => {
    const content = file('cluster: from-file\ndataDirectory: data\n');
    const config = serveConfig(content, { ...flags, cluster: undefined, dataDirectory: undefined }, { FLOTILLA_CLUSTER: 'env' });
    expect(config.cluster).toBe('from-file');
    expect(config.dataDirectory).toBe(join(directory, 'data'));
  });

  test('a flag that contradicts the file is refused, one that agrees is not', () => {
    expect(() => serveConfig(file('cluster: other\n'), flags, {})).toThrow(/--cluster c contradicts "cluster: other"/);
    expect(serveConfig(file('cluster: c\n'), flags, {}).cluster).toBe('c');
  });

  test('what is missing is named with every place where it could be said', () => {
    const fromFile = file(
      `members:
  1: { peer: 127.0.0.1:7000, client: 127.0.0.1:7001 }
  2: { peer: 127.0.0.1:8000, client: 127.0.0.1:8001, priority: 10 }
  3: { peer: 127.0.0.1:9000, client: 127.0.0.1:9001, witness: true }
`,
    );
    expect(serveConfig(fromFile, flags, {}).members).toEqual(serveConfig(null, flags, {}).members);
    const missing = () => serveConfig(null, { ...flags, dataDirectory: undefined }, {});
    expect(missing).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringMatching(/--data-dir.*FLOTILLA_DATA_DIR.*dataDirectory/) }),
    );
  });
});

describe('snapshots', () => {
  const settings = (text: string) => snapshotSettings(serveConfig(file(text), flags, {}));

  test('are stored by themselves where nothing is said', () => {
    expect(settings('cluster: c\n')).toEqual({ snapshot: defaultSnapshotPolicy, raft: {}, limits: {} });
  });

  test('are stored as is said, and sent as fast', () => {
    expect(settings('snapshot: { everySeconds: 60, keepEntries: 0, bytesPerSecond: 1048576 }\n')).toEqual({
      snapshot: { everyMs: 60_000 },
      raft: { trailingEntries: 0 },
      limits: { snapshotBytesPerSecondMax: 1_048_576 },
    });
    expect(settings('snapshot: { entries: 10, bytes: 2000 }\n').snapshot).toEqual({ entries: 10, bytes: 2000 });
  });
});

describe('what cannot work is refused', () => {
  test.each([
    ['member', '0'],
    ['member', '1.5'],
    ['member', 'one'],
    ['cluster', 'demo#2'],
    ['members', '1=127.0.0.1:7000/127.0.0.1:7001,1=127.0.0.1:8000/127.0.0.1:8001'],
    ['members', '1=127.0.0.1:7000/127.0.0.1:7001,2=127.0.0.1:7000/127.0.0.1:8001'],
    ['members', '1=127.0.0.1:7000/127.0.0.1:7001/witness'],
    ['members', '1=127.0.0.1:7000/127.0.0.1:7001/captain'],
    ['members', '127.0.0.1:7000'],
    ['members', '1=127.0.0.1:7000'],
    ['role', 'captain'],
    ['join', 'nowhere'],
    ['clientListen', 'nowhere'],
    ['clientListen', '127.0.0.1:70000'],
    ['logLevel', 'loud'],
  ])('%s: %s', (name, value) => {
    expect(() => serveConfig(null, { ...flags, [name]: value }, {})).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test.each([
    ['cluster: [', ':1:'],
    ['cluster: c\nmembr: 1\n', ':'],
    ['cluster: c\nmember: one\n', ':2: member'],
    ['raft:\n  electionTimeoutMs: soon\n', ':2: raft.electionTimeoutMs'],
    ['snapshot:\n  entries: 0\n', ':2: snapshot.entries'],
    ['members:\n  zero: { peer: 127.0.0.1:7000, client: 127.0.0.1:7001 }\n', 'members'],
    ['members:\n  1: 127.0.0.1:7000\n', ':2: members.1'],
  ])('a file that says %j, with file and line', (text, expected) => {
    expect(() => file(text)).toThrow(expected);
  });

  test('a file that is not there', () => {
    expect(() => readConfigFile(join(directory, 'absent.yaml'))).toThrow(/cannot be read/);
  });
});
