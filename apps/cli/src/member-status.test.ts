import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { reportMembers, statusLine, statusTable } from './member-status.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Something that answers with a status; it is asked for it anew each time. */
async function serve(status: () => object): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify(status())));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const positions = { term: 3, lastIndex: 9, commitIndex: 9, appliedIndex: 8 };
const nowhere = '127.0.0.1:1';

test('shows members that joined later, and which of the given ones are members no more', async () => {
  const members: object[] = [];
  const status = (member: number, over: object) => () => ({ member, standing: 'voter', role: 'follower', ...positions, members, ...over });
  const leader = await serve(status(2, { role: 'leader' }));
  const removed = await serve(status(1, { standing: 'removed', members: [] }));
  const learner = await serve(status(4, { standing: 'learner' }));
  for (const [id, clientAddress] of [
    [2, leader],
    [4, learner],
    [5, '127.0.0.1:2'],
  ] as const)
    members.push({ id, clientAddress, role: 'voter', leaving: false });

  const reports = await reportMembers([removed, leader, nowhere]);
  expect(statusLine(reports)).toBe(`1 removed@3, 2 leader@3, ${nowhere} removed, 4 learner@3, 5 down`);
  const table = statusTable(reports, [
    { endpoint: removed, member: 1, pid: 77 },
    { endpoint: nowhere, member: 3, pid: null },
  ]);
  const rows = table.split('\n').map((line) => line.split(/\s{2,}/));
  expect(rows).toEqual([
    ['MEMBER', 'CLIENTS', 'PID', 'ROLE', 'TERM', 'LAST', 'COMMIT', 'APPLIED', 'LAG'],
    ['1', removed, '77', 'removed', '3', '9', '9', '8', '1'],
    ['2', leader, '-', 'leader', '3', '9', '9', '8', '1'],
    ['3', nowhere, '-', 'removed', '-', '-', '-', '-', '-'],
    ['4', learner, '-', 'learner', '3', '9', '9', '8', '1'],
    ['5', '127.0.0.1:2', '-', 'down', '-', '-', '-', '-', '-'],
  ]);
});

test('knows nothing of members when nobody answers', async () => {
  expect(statusLine(await reportMembers([nowhere]))).toBe(`${nowhere} down`);
});
