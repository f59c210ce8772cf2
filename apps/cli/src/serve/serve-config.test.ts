import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfigFile, serveConfig } from './serve-config.ts';

const flags = { cluster: 'c', member: '1', dataDirectory: 'd', peers: '1=127.0.0.1:7000,2=127.0.0.1:8000', clientListen: '127.0.0.1:7001' };

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
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 7000 });
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
    const missing = () => serveConfig(null, { ...flags, dataDirectory: undefined }, {});
    expect(missing).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringMatching(/--data-dir.*FLOTILLA_DATA_DIR.*dataDirectory/) }),
    );
  });
});

describe('what cannot work is refused', () => {
  test.each([
    ['member', '0'],
    ['member', '1.5'],
    ['member', 'one'],
    ['member', '3'],
    ['peers', '1=127.0.0.1:7000,1=127.0.0.1:8000'],
    ['peers', '127.0.0.1:7000'],
    ['peers', '1=127.0.0.1'],
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
    ['peers:\n  zero: 127.0.0.1:7000\n', 'peers'],
  ])('a file that says %j, with file and line', (text, expected) => {
    expect(() => file(text)).toThrow(expected);
  });

  test('a file that is not there', () => {
    expect(() => readConfigFile(join(directory, 'absent.yaml'))).toThrow(/cannot be read/);
  });
});
