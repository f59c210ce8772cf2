import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { foundingMembership, type MemberInfo } from '@flotilla/core';
import { openLmdbStorage, readIdentity } from '@flotilla/storage-lmdb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exitCodeOf, exitCodes } from '../exit-code.ts';
import { recover, type Terminal } from './recover.ts';

let directory: string;
let alive: Server;
let alivePort: number;
let printed: string;
const identity = { clusterId: 'demo', memberId: 1, app: 'kv' };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-recover-'));
  alive = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(alive, 'listening');
  alivePort = (alive.address() as AddressInfo).port;
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  alive.close();
  await rm(directory, { recursive: true, force: true });
});

/** Nobody listens on port 1. */
function member(id: number, change: Partial<MemberInfo> = {}): MemberInfo {
  return { id, peerAddress: `127.0.0.${id}:1`, clientAddress: '127.0.0.9:1', voter: true, witness: false, priority: 0, ...change };
}

async function found(...others: MemberInfo[]): Promise<void> {
  const storage = await openLmdbStorage({ directory, identity });
  const base = { index: 0, term: 0, time: 0, membership: foundingMembership([member(1), ...others]) };
  const entries = [1, 2].map((index) => ({ index, term: 3, time: 5, kind: 'command', payload: new Uint8Array(4) }) as const);
  await storage.logStore.write([{ group: 1, hardState: { term: 4, vote: 2 }, base, truncateAfter: null, entries }]);
  await storage.stateStore.commit([{ group: 1, applied: 1, records: [] }]);
  await storage.close();
}

const force = (list: string) => recover(directory, { forceMembers: list, yes: true, output: 'table' });

async function expectRefusal(outcome: Promise<void>, exitCode: number, message: RegExp): Promise<void> {
  const error: unknown = await outcome.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(/\w/) });
  expect(exitCodeOf(error)).toBe(exitCode);
  expect((await readIdentity(directory)).clusterIncarnation).toBeNull();
}

test('says what is there, what is certain of it, and what to do', async () => {
  await found(member(2), member(3));
  await recover(directory, { output: 'table' });
  expect(printed).toContain('member 1 of cluster "demo", app kv');
  expect(printed).toContain('term 4, vote 2');
  expect(printed).toContain('last entry 2 of term 3; the log begins behind 0');
  expect(printed).toContain('certainly committed up to 1; behind it unknown');
  expect(printed).toContain('entry 0, voters 1,2,3 (committed)');
  expect(printed).toMatch(/ {4}3 {7}127\.0\.0\.3:1/);
  expect(printed).toContain(`flotilla recover --data-dir ${directory} --force-members 1`);
});

test('as JSON', async () => {
  await found(member(2));
  await recover(directory, { output: 'json' });
  expect(JSON.parse(printed)).toMatchObject({
    cluster: 'demo',
    member: 1,
    groups: [{ group: 1, term: 4, vote: 2, lastIndex: 2, lastTerm: 3, knownCommitted: 1, memberships: [{ index: 0 }] }],
  });
});

test('makes the member the only one, and says what comes next; a second time it changes nothing', async () => {
  await found(member(2), member(3));
  await force('1');
  expect(printed).toMatch(/Member 1 is now the only one: group 1 from entry 3 of term 5\.\nThe cluster is "demo#[0-9a-f]{8}" from now on/);
  expect(printed).toContain('serve --join');
  const storage = await openLmdbStorage({ directory, identity });
  expect((await storage.logStore.recover(1)).memberships.at(-1)).toMatchObject({
    index: 3,
    membership: { members: [member(1)], highestId: 3 },
  });
  await storage.close();
  printed = '';
  await force('1');
  expect(printed).toContain('nothing was changed');
});

test.each([
  ['1,2', /names more than one member/],
  ['2', /is the data of member 1, not of 2/],
  ['one', /is not a whole number/],
])('refuses the list %s', async (list, message) => {
  await found(member(2), member(3));
  await expectRefusal(force(list), exitCodes.usage, message);
});

test('refuses while another member answers, at its peer or its client address', async () => {
  await found(member(2), member(3, { peerAddress: `127.0.0.1:${alivePort}` }));
  await expectRefusal(force('1'), exitCodes.conflict, /still answer: member 3 at 127\.0\.0\.1:/);
  await rm(directory, { recursive: true });
  await found(member(2, { clientAddress: `127.0.0.1:${alivePort}` }), member(3));
  await expectRefusal(force('1'), exitCodes.conflict, /still answer: member 2 at 127\.0\.0\.1:/);
});

test('refuses the data of a witness', async () => {
  const storage = await openLmdbStorage({ directory, identity });
  const base = { index: 0, term: 0, time: 0, membership: foundingMembership([member(1, { witness: true }), member(2), member(3)]) };
  await storage.logStore.write([{ group: 1, hardState: null, base, truncateAfter: null, entries: [] }]);
  await storage.close();
  await expectRefusal(force('1'), exitCodes.conflict, /witness of group 1/);
});

test('refuses while the member runs', async () => {
  await found(member(2), member(3));
  const storage = await openLmdbStorage({ directory, identity });
  await expectRefusal(force('1'), exitCodes.failure, /is in use by process/);
  await storage.close();
});

function terminal(typed: string, isTTY = true): Terminal {
  return { input: Object.assign(Readable.from([`${typed}\n`]), { isTTY }), output: new PassThrough() };
}

test('asks for the name of the cluster', async () => {
  await found(member(2), member(3));
  const options = { forceMembers: '1', output: 'table' };
  const ended = Object.assign(Readable.from([]), { isTTY: true });
  await expectRefusal(recover(directory, options, terminal('demo', false)), exitCodes.usage, /no terminal to ask on/);
  await expectRefusal(recover(directory, options, terminal('yes')), exitCodes.conflict, /"yes" is not "demo"/);
  await expectRefusal(recover(directory, options, { input: ended, output: new PassThrough() }), exitCodes.conflict, /"" is not "demo"/);
  await recover(directory, options, terminal('demo'));
  expect(printed).toContain('Member 1 is now the only one');
});
